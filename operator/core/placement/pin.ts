import { PLACEMENT_GATE } from '#api/constants.ts';

interface Term {
  matchExpressions?: object[];
  matchFields?: object[];
}

export interface Affinity {
  nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: Term[] } };
}

export interface GatedPod {
  metadata: { resourceVersion: string };
  spec: { schedulingGates?: { name: string }[]; affinity?: Affinity };
}

export const isGated = ({ spec }: GatedPod): boolean =>
  spec.schedulingGates?.some(({ name }) => name === PLACEMENT_GATE) ?? false;

/** A pod's affinity, narrowed to one node: each required term is, since terms are alternatives. */
export function pinnedAffinity(affinity: Affinity | undefined, nodeName: string): Affinity {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const here = { key: 'metadata.name', operator: 'In', values: [nodeName] };
  const terms: Term[] = required?.nodeSelectorTerms.length ? required.nodeSelectorTerms : [{}];
  const nodeSelectorTerms = terms.map((term) => ({
    ...term,
    matchFields: [...(term.matchFields ?? []), here],
  }));
  const nodeAffinity = {
    ...affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
  };
  return { ...affinity, nodeAffinity };
}

/** The node that a pod was pinned to. */
export function pinnedNode({ spec }: Pick<GatedPod, 'spec'>): string | undefined {
  const terms =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const fields = (terms[0]?.matchFields ?? []) as { key?: string; values?: string[] }[];
  return fields.find(({ key }) => key === 'metadata.name')?.values?.[0];
}

/**
 * The merge patch that lets a gated pod go to one node and nowhere else: its affinity is narrowed and the gate is taken
 * off, in one write that fails if the pod has changed. Kubernetes allows narrowing, not widening, of a gated pod's
 * affinity (KEP-3838).
 */
export function pinPatch(pod: GatedPod, nodeName: string): object {
  return {
    metadata: { resourceVersion: pod.metadata.resourceVersion },
    spec: {
      schedulingGates: pod.spec.schedulingGates?.filter(({ name }) => name !== PLACEMENT_GATE),
      affinity: pinnedAffinity(pod.spec.affinity, nodeName),
    },
  };
}
