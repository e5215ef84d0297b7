import { REFUSED_ANNOTATION, REFUSED_NODE_ANNOTATION, REQUEST_ID_LABEL } from '#api/constants.ts';
import type { GuestView, MoveView } from '#core/lifecycle/guest-view.ts';
import {
  EVACUATION_ANNOTATION,
  type VirtualMachineInstance,
  type VirtualMachineInstanceMigration,
  WORKLOAD_UPDATE_ANNOTATION,
} from './types.ts';

export function isMigrating(vmi: VirtualMachineInstance | undefined): boolean {
  const move = vmi?.status?.migrationState;
  return move !== undefined && !move.completed && !move.failed;
}

/** The request id of a migration: Berth's own has it as a label; of another it is made of its uid. */
export const requestIdOfMove = ({ metadata }: VirtualMachineInstanceMigration): string =>
  metadata.labels?.[REQUEST_ID_LABEL] ?? `req-${metadata.uid}`;

const ENDS: Readonly<Record<string, MoveView['end']>> = { Succeeded: 'succeeded', Failed: 'failed' };

export const isMoveOver = ({ status }: VirtualMachineInstanceMigration): boolean =>
  ENDS[status?.phase ?? ''] !== undefined;

/** A migration, with what the guest's VMI says of it: which of the two knows more depends on how far it is. */
export function moveOf(migration: VirtualMachineInstanceMigration, vmi: VirtualMachineInstance): MoveView {
  const { name, uid, deletionTimestamp } = migration.metadata;
  const { phase = '', migrationState: kept } = migration.status ?? {};
  const current = vmi.status?.migrationState;
  const said = current?.migrationUid === uid ? current : kept;
  return {
    name,
    uid,
    requestId: requestIdOfMove(migration),
    origin: originOf(migration),
    phase,
    isDeleting: deletionTimestamp !== undefined,
    end: ENDS[phase],
    targetNode: said?.targetNode,
    refusal: migration.metadata.annotations?.[REFUSED_ANNOTATION],
    failure: said?.failureReason,
  };
}

/** KubeVirt deletes them once the guest is gone, but for a moment they are seen without it. */
export const arrivalsIn = (
  migrations: readonly VirtualMachineInstanceMigration[],
): Pick<MoveView, 'requestId' | 'targetNode'>[] =>
  migrations
    .filter(({ status }) => ENDS[status?.phase ?? ''] === 'succeeded')
    .map((it) => ({
      requestId: requestIdOfMove(it),
      targetNode: it.status?.migrationState?.targetNode,
    }));

/** KubeVirt's pauses between its tries add up to ten minutes (20 s, doubled, five times). */
const REFUSED_FOR_MS = 600_000;

/** Nodes that kube-scheduler refused a guest of late, of those of its migrations that KubeVirt made itself. */
export function nodesThatRefused(
  migrations: readonly VirtualMachineInstanceMigration[],
  now: Date,
): string[] {
  const nodes = migrations.flatMap(({ metadata: { annotations, creationTimestamp } }) => {
    const nodeName = annotations?.[REFUSED_NODE_ANNOTATION];
    const isFresh = now.getTime() - Date.parse(creationTimestamp) < REFUSED_FOR_MS;
    return nodeName !== undefined && isFresh ? [nodeName] : [];
  });
  return [...new Set(nodes)];
}

/** What made KubeVirt make the migration; undefined: somebody asked for it. */
export function originOf({ metadata: { annotations } }: VirtualMachineInstanceMigration): string | undefined {
  const drained = annotations?.[EVACUATION_ANNOTATION];
  if (drained !== undefined) return `KubeVirt: an eviction from ${drained}`;
  if (annotations?.[WORKLOAD_UPDATE_ANNOTATION] !== undefined) return 'KubeVirt: an update of the workload';
  return undefined;
}

const METHODS: Readonly<Record<string, string>> = {
  LiveMigration: 'it can move while it runs',
  BlockMigration: 'it can move while it runs; its disks on the node are copied along',
};

/** virt-handler's verdict on the guest (pkg/virt-handler/vm.go, calculateLiveMigrationCondition). */
export function liveMigratableOf(vmi: VirtualMachineInstance | undefined): GuestView['liveMigratable'] {
  const { conditions, migrationMethod = 'LiveMigration' } = vmi?.status ?? {};
  const said = conditions?.find(({ type }) => type === 'LiveMigratable');
  if (!said) return undefined;
  if (said.status === 'False')
    return { possible: false, reason: said.reason || 'NotMigratable', message: said.message ?? '' };
  return { possible: true, reason: migrationMethod, message: METHODS[migrationMethod] ?? migrationMethod };
}
