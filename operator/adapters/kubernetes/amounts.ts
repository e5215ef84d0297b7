import type { ResourceAmounts } from '#api/common.ts';
import { parseGiB, parseMiB, parseMilli, type Rounding } from '#core/quantity.ts';
import type { Pod, PodContainer } from './types.ts';

type ResourceList = Record<string, string> | undefined;

/** A Kubernetes resource list in the units of Nova's Placement. */
export function amountsOf(resources: ResourceList, rounding: Rounding): ResourceAmounts {
  return {
    vcpus: parseMilli(resources?.cpu ?? '0', rounding) / 1000,
    memoryMiB: parseMiB(resources?.memory ?? '0', rounding),
    diskGiB: parseGiB(resources?.['ephemeral-storage'] ?? '0', rounding),
  };
}

/**
 * What a pod asks for, as kube-scheduler counts it: its containers and sidecars together, or its largest init
 * container if that is more, and the overhead of its runtime class (k8s.io/component-helpers/resource).
 */
export function podRequests({ spec }: Pod): ResourceAmounts {
  const running = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)].map(requestsOf);
  const sum = combine(running, (a, b) => a + b);
  const largest = combine(
    (spec.initContainers ?? []).filter((it) => !isSidecar(it)).map(requestsOf),
    Math.max,
  );
  return combine([combine([sum, largest], Math.max), amountsOf(spec.overhead, 'up')], (a, b) => a + b);
}

/** The same of one resource, by whatever `amountOf` makes of its quantity. */
export function podRequest(
  { spec }: Pod,
  name: string,
  amountOf: (quantity: string | undefined) => number,
): number {
  const asked = ({ resources }: PodContainer) => amountOf(resources?.requests?.[name]);
  const sum = (list: PodContainer[]) => list.reduce((total, container) => total + asked(container), 0);
  const init = spec.initContainers ?? [];
  const running = sum(spec.containers) + sum(init.filter(isSidecar));
  const starting = init.filter((it) => !isSidecar(it)).map(asked);
  return Math.max(running, ...starting) + amountOf(spec.overhead?.[name]);
}

const isSidecar = ({ restartPolicy }: PodContainer) => restartPolicy === 'Always';
const requestsOf = ({ resources }: PodContainer) => amountsOf(resources?.requests, 'up');

function combine(all: ResourceAmounts[], join: (a: number, b: number) => number): ResourceAmounts {
  const nothing: ResourceAmounts = { vcpus: 0, memoryMiB: 0, diskGiB: 0 };
  return all.reduce(
    (total, it) => ({
      vcpus: join(total.vcpus, it.vcpus),
      memoryMiB: join(total.memoryMiB, it.memoryMiB),
      diskGiB: join(total.diskGiB, it.diskGiB),
    }),
    nothing,
  );
}
