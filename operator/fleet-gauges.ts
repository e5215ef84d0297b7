import type { Sample, SampledDefinition } from '#adapters/prometheus/telemetry.ts';
import type { ComputeNode } from '#api/computenode.ts';
import type { Instance } from '#api/instance.ts';
import type { Caches } from '#controllers/caches.ts';

type Amounts = { vcpus?: number | undefined; memoryMiB?: number | undefined; diskGiB?: number | undefined };

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** What the caches say of Instances and nodes, for Prometheus. */
export function fleetGauges({ instances, computeNodes }: Caches): SampledDefinition[] {
  const amounts = (name: string, help: string, of: (node: ComputeNode) => Amounts | undefined) => ({
    name,
    help,
    labels: ['node', 'resource'],
    samples: () => computeNodes.list().flatMap((node) => resourceSamples(node, of(node))),
  });
  return [
    {
      name: 'berth_instances',
      help: 'Instances by vmState',
      labels: ['vm_state'],
      samples: () => counted(instances.list(), ({ status }) => ({ vm_state: status?.vmState ?? 'None' })),
    },
    {
      name: 'berth_operations_in_flight',
      help: 'Instances on which an operation is going on, by operation',
      labels: ['operation'],
      samples: () => counted(instances.list(), ({ status }) => inFlight(status?.operation?.name)),
    },
    {
      name: 'berth_compute_node_up',
      help: '1 for a ComputeNode that is Up, else 0',
      labels: ['node'],
      samples: () =>
        computeNodes
          .list()
          .map(({ metadata, status }): Sample => [{ node: metadata.name }, status?.state === 'Up' ? 1 : 0]),
    },
    amounts(
      'berth_compute_node_capacity',
      'What a node has: CPUs, bytes of memory, bytes of local disk',
      ({ status }) => status?.capacity,
    ),
    amounts(
      'berth_compute_node_claimed',
      "What Instances' claims on a node come to",
      ({ status }) => status?.used,
    ),
    amounts(
      'berth_compute_node_launcher_requests',
      "What the guests' pods on a node ask Kubernetes for: docs/accounting.md says why it differs from what is claimed",
      ({ status }) => status?.launcherPods,
    ),
    {
      name: 'berth_compute_node_launchers_without_claim',
      help: "Guests' pods on a node that have no claim there: 0, or something is wrong",
      labels: ['node'],
      samples: () =>
        computeNodes
          .list()
          .map(
            ({ metadata, status }): Sample => [
              { node: metadata.name },
              status?.launcherPods?.withoutClaim ?? 0,
            ],
          ),
    },
  ];
}

const inFlight = (operation: string | undefined) => operation && { operation };

function resourceSamples({ metadata }: ComputeNode, amounts: Amounts | undefined): Sample[] {
  if (!amounts) return [];
  const { vcpus = 0, memoryMiB = 0, diskGiB = 0 } = amounts;
  const node = metadata.name;
  return [
    [{ node, resource: 'cpu' }, vcpus],
    [{ node, resource: 'memory' }, memoryMiB * MIB],
    [{ node, resource: 'disk' }, diskGiB * GIB],
  ];
}

/** How many have each set of labels; those without are left out. */
function counted(
  instances: readonly Instance[],
  labelsOf: (instance: Instance) => Record<string, string> | undefined | '',
): Sample[] {
  const counts = new Map<string, [Record<string, string>, number]>();
  for (const instance of instances) {
    const labels = labelsOf(instance);
    if (!labels) continue;
    const key = Object.values(labels).join();
    counts.set(key, [labels, (counts.get(key)?.[1] ?? 0) + 1]);
  }
  return [...counts.values()];
}
