import type { Node, Pod } from '#adapters/kubernetes/types.ts';
import type { VirtualMachineInstance } from './types.ts';

const HOST_MODEL = 'host-model-cpu.node.kubevirt.io/';
const HOST_FEATURE = 'host-model-required-features.node.kubevirt.io/';
const MIGRATION_MODEL = 'cpu-model-migration.node.kubevirt.io/';
const FEATURE = 'cpu-feature.node.kubevirt.io/';

/**
 * The labels that the target's pod of a live migration will select on for the guest's CPU, before there is such a pod: a
 * guest with its host's model needs that model again; one that moved before keeps what its pod selects on
 * (pkg/virt-controller/watch/migration/migration.go, prepareNodeSelectorForHostCpuModel).
 */
export function cpuSelectorOf(
  vmi: VirtualMachineInstance | undefined,
  pod: Pod | undefined,
  node: Node | undefined,
): Record<string, string> {
  if (vmi?.spec?.domain.cpu?.model !== 'host-model') return {};
  const moved = Object.entries(pod?.spec.nodeSelector ?? {}).filter(
    ([key]) => key.startsWith(FEATURE) || key.startsWith(MIGRATION_MODEL),
  );
  if (moved.length > 0) return Object.fromEntries(moved);
  const labels = Object.entries(node?.metadata.labels ?? {});
  return Object.fromEntries([
    ...labels.flatMap((label) => renamed(label, HOST_MODEL, MIGRATION_MODEL)),
    ...labels.flatMap((label) => renamed(label, HOST_FEATURE, FEATURE)),
  ]);
}

const renamed = ([key, value]: [string, string], from: string, to: string): [string, string][] =>
  key.startsWith(from) ? [[to + key.slice(from.length), value]] : [];
