import { API_VERSION } from '#api/constants.ts';
import { INSTANCE_ACTION, type InstanceAction, type InstanceActionSpec } from '#api/instanceaction.ts';
import {
  INSTANCE_MIGRATION,
  type InstanceMigration,
  type InstanceMigrationSpec,
} from '#api/instancemigration.ts';
import type { Resource } from '#runtime/resource.ts';
import type { Command, FlagDefinition, Flags } from '../command.ts';
import { instanceNamed } from '../names.ts';
import type { Session } from '../session.ts';
import { secondsOf, WAIT_FLAGS, waitFor } from '../wait.ts';

/** The object is deleted so long after it has ended: the Instance remembers how. */
const KEPT_SECONDS = 3600;

type Request = InstanceAction | InstanceMigration;
type Asked = Partial<InstanceActionSpec> | Pick<InstanceMigrationSpec, 'type' | 'targetNode'>;

interface RequestDefinition {
  name: string;
  help: string;
  resource: Resource;
  flags?: Record<string, FlagDefinition>;
  asked(flags: Flags): Asked;
}

const TARGET = {
  target: {
    type: 'string',
    value: 'NODE',
    help: "node to move to, if it passes every filter; else the scheduler's choice",
  },
} as const;

const movedTo = (type: InstanceMigrationSpec['type']) => (flags: Flags) => ({
  type,
  ...(typeof flags.target === 'string' && { targetNode: flags.target }),
});

const REQUESTS: RequestDefinition[] = [
  {
    name: 'reboot',
    help: 'ask the guest to start anew, and reset it when it does not',
    resource: INSTANCE_ACTION,
    flags: { hard: { type: 'boolean', help: 'reset it at once' } },
    asked: ({ hard }) => ({ reboot: { type: hard ? 'Hard' : 'Soft' } }),
  },
  {
    name: 'power-on',
    help: 'start a guest that went off by itself, whose spec says Running',
    resource: INSTANCE_ACTION,
    asked: () => ({ start: {} }),
  },
  {
    name: 'confirm',
    help: 'keep the new size or place of a resize or cold migration',
    resource: INSTANCE_ACTION,
    asked: () => ({ confirmResize: {} }),
  },
  {
    name: 'revert',
    help: 'go back to the old size and place',
    resource: INSTANCE_ACTION,
    asked: () => ({ revertResize: {} }),
  },
  {
    name: 'migrate',
    help: 'shut it down and boot it on another node, to be confirmed or reverted',
    resource: INSTANCE_MIGRATION,
    flags: TARGET,
    asked: movedTo('Cold'),
  },
  {
    name: 'live-migrate',
    help: 'move it to another node while it runs',
    resource: INSTANCE_MIGRATION,
    flags: TARGET,
    asked: movedTo('Live'),
  },
  {
    name: 'evacuate',
    help: 'boot it elsewhere when its node is Down and proven off',
    resource: INSTANCE_MIGRATION,
    flags: TARGET,
    asked: movedTo('Evacuate'),
  },
];

export const requests: Command[] = REQUESTS.map(({ name, help, resource, flags = {}, asked }) => ({
  name,
  args: ['INSTANCE'],
  help,
  flags: { ...flags, ...WAIT_FLAGS },
  async run(session, [instance], given) {
    const seconds = secondsOf(given.timeout);
    const { metadata } = await instanceNamed(session, instance);
    const made = await session.client.create<Request>(resource, {
      apiVersion: API_VERSION,
      kind: resource.kind,
      metadata: { generateName: `${metadata.name}-${name}-`, namespace: session.namespace } as never,
      spec: {
        instanceRef: { name: metadata.name },
        ttlSecondsAfterFinished: KEPT_SECONDS,
        ...asked(given),
      },
    } as never);
    const called = `${resource.kind.toLowerCase()}/${made.metadata.name}`;
    if (!given.wait) return session.print(`${called} created`);
    return ended(session, resource, made, seconds);
  },
}));

async function ended(session: Session, resource: Resource, made: Request, seconds: number): Promise<number> {
  const { status, metadata } = await waitFor<Request>(session, {
    resource,
    key: `${session.namespace}/${made.metadata.name}`,
    seconds,
    progress: ({ status: now }) => `${now?.phase ?? 'Pending'}: ${now?.message ?? 'Berth looks at it'}`,
    done: ({ status: now }) => !['Pending', 'Running'].includes(now?.phase ?? 'Pending'),
  });
  const said = [status?.reason, status?.message].filter(Boolean).join(': ');
  session.print(
    `${resource.kind.toLowerCase()}/${metadata.name} ${status?.phase}${said ? `: ${said}` : ''} (${status?.requestId})`,
  );
  return status?.phase === 'Succeeded' ? 0 : 1;
}
