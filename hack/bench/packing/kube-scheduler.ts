import type { HostState } from '#core/scheduling/host-state.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';
import type { Random } from '../fleet.ts';
import type { Packer } from './packer.ts';

export type Strategy = 'LeastAllocated' | 'MostAllocated';

/** What a node has, or pods ask of it, in kube-scheduler's terms: the pod of a guest asks for vcpus / ratio CPUs. */
interface Resources {
  milliCpu: number;
  memoryMiB: number;
  diskGiB: number;
}

export interface KubeNode {
  readonly allocatable: Readonly<Resources>;
  readonly requested: Resources;
}

/** framework.MaxNodeScore */
const MAX_SCORE = 100;

/**
 * kube-scheduler played, as Kubernetes 1.33 has it, with its default profile and this scoring strategy (cpu and memory,
 * weight 1 each). Its plugins that score by resources are here, whose weights are 1: NodeResourcesFit and
 * NodeResourcesBalancedAllocation (pkg/scheduler/framework/plugins/noderesources). The others give all nodes the same
 * for pods and nodes without taints, affinity, volumes, owners and images. Up to 100 nodes all are scored
 * (numFeasibleNodesToFind); among the best one is drawn (selectHost).
 */
export function kubePacker(hosts: readonly HostState[], strategy: Strategy, random: Random): Packer {
  const nodes = hosts.map(nodeOf);
  const asked = (flavor: ClaimResources) => podOf(flavor, hosts[0]?.vcpus.allocationRatio ?? 1);
  return {
    place(flavor) {
      const pod = asked(flavor);
      const chosen = selectHost(nodes, pod, strategy, random);
      if (chosen !== undefined) take(nodes[chosen], pod, 1);
      return chosen;
    },
    release: (host, flavor) => take(nodes[host], asked(flavor), -1),
  };
}

function nodeOf({ vcpus, memoryMiB, diskGiB }: HostState): KubeNode {
  return {
    allocatable: {
      milliCpu: (vcpus.total - vcpus.reserved) * 1000,
      memoryMiB: memoryMiB.total - memoryMiB.reserved,
      diskGiB: diskGiB.total - diskGiB.reserved,
    },
    requested: {
      milliCpu: (vcpus.used * 1000) / vcpus.allocationRatio,
      memoryMiB: memoryMiB.used,
      diskGiB: diskGiB.used,
    },
  };
}

function podOf({ vcpus, memoryMiB, overheadMiB, diskGiB }: ClaimResources, cpuRatio: number): Resources {
  return { milliCpu: (vcpus * 1000) / cpuRatio, memoryMiB: memoryMiB + overheadMiB, diskGiB };
}

function take(node: KubeNode | undefined, pod: Resources, sign: 1 | -1): void {
  if (!node) return;
  node.requested.milliCpu += sign * pod.milliCpu;
  node.requested.memoryMiB += sign * pod.memoryMiB;
  node.requested.diskGiB += sign * pod.diskGiB;
}

/** Reservoir sampling among the nodes of the best score. */
function selectHost(
  nodes: readonly KubeNode[],
  pod: Resources,
  strategy: Strategy,
  random: Random,
): number | undefined {
  let [best, chosen, ties]: [number, number | undefined, number] = [-1, undefined, 0];
  for (const [index, node] of nodes.entries()) {
    if (!fits(node, pod)) continue;
    const score = scoreOf(node, pod, strategy);
    ties = score > best ? 1 : ties + Number(score === best);
    if (score > best || (score === best && Math.floor(random() * ties) === 0)) chosen = index;
    best = Math.max(best, score);
  }
  return chosen;
}

/** fit.go, fitsRequest */
function fits({ allocatable, requested }: KubeNode, pod: Resources): boolean {
  return (
    pod.milliCpu <= allocatable.milliCpu - requested.milliCpu &&
    pod.memoryMiB <= allocatable.memoryMiB - requested.memoryMiB &&
    pod.diskGiB <= allocatable.diskGiB - requested.diskGiB
  );
}

/** least_allocated.go or most_allocated.go, plus balanced_allocation.go; in whole points, as there. */
export function scoreOf({ allocatable, requested }: KubeNode, pod: Resources, strategy: Strategy): number {
  const cpu = [requested.milliCpu + pod.milliCpu, allocatable.milliCpu] as const;
  const memory = [requested.memoryMiB + pod.memoryMiB, allocatable.memoryMiB] as const;
  const points = strategy === 'LeastAllocated' ? leastRequested : mostRequested;
  const fit = Math.floor((points(...cpu) + points(...memory)) / 2);
  const deviation = Math.abs(fraction(...cpu) - fraction(...memory)) / 2;
  return fit + Math.floor((1 - deviation) * MAX_SCORE);
}

function leastRequested(requested: number, capacity: number): number {
  return requested > capacity ? 0 : Math.floor(((capacity - requested) * MAX_SCORE) / capacity);
}

function mostRequested(requested: number, capacity: number): number {
  return Math.floor((Math.min(requested, capacity) * MAX_SCORE) / capacity);
}

function fraction(requested: number, capacity: number): number {
  return Math.min(1, requested / capacity);
}
