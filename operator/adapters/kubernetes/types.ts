import type { V1NodeSpec, V1NodeStatus } from '@kubernetes/client-node';
import { INSTANCE_UID_LABEL } from '#api/constants.ts';
import { hasEnded } from '#core/placement/guest-end.ts';
import type { Toleration } from '#core/scheduling/node-constraints.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';

/** Core kinds as the controllers see them: only what they read is kept in the cache. */
export interface Node extends KubeObject {
  spec?: Pick<V1NodeSpec, 'unschedulable' | 'taints'>;
  status?: Pick<
    V1NodeStatus,
    'addresses' | 'capacity' | 'allocatable' | 'conditions' | 'nodeInfo' | 'images'
  >;
}

export interface PodContainer {
  resources?: { requests?: Record<string, string> };
  restartPolicy?: string;
}

export interface NodeSelectorTerm {
  matchExpressions?: object[];
  matchFields?: object[];
}

export interface Pod extends KubeObject {
  spec: {
    nodeName?: string;
    schedulingGates?: { name: string }[];
    /** Kept until it is bound. */
    tolerations?: Toleration[];
    /** Kept of guests. */
    nodeSelector?: Record<string, string>;
    affinity?: {
      nodeAffinity?: {
        requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: NodeSelectorTerm[] };
      };
    };
    containers: PodContainer[];
    initContainers?: PodContainer[];
    overhead?: Record<string, string>;
  };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: {
      type: string;
      status: string;
      reason?: string;
      message?: string;
      lastTransitionTime?: string;
    }[];
    containerStatuses?: {
      name: string;
      state?: { waiting?: { reason?: string; message?: string }; running?: object; terminated?: object };
    }[];
  };
}

const core = (plural: string, kind: string, namespaced: boolean): Resource => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});

export const NODE = core('nodes', 'Node', false);
export const NAMESPACE = core('namespaces', 'Namespace', false);
export const POD = core('pods', 'Pod', true);
export const SECRET = core('secrets', 'Secret', true);

/** Is it certain that nothing of the pod runs, nor ever will? */
export const isPodOver = (pod: Pod): boolean => hasEnded(pod);

/** A Namespace as the cache keeps it: its labels. */
export function slimNamespace({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata };
}

const isGuest = ({ metadata: { labels } }: Pod) => labels?.[INSTANCE_UID_LABEL] !== undefined;

/** A pod as the cache keeps it: without what nobody reads, which is most of it. */
export function slimPod(pod: Pod): Pod {
  const {
    nodeName,
    schedulingGates,
    affinity,
    tolerations,
    nodeSelector,
    containers,
    initContainers,
    overhead,
  } = pod.spec;
  const slim = (list: PodContainer[] | undefined) =>
    list?.map(({ resources, restartPolicy }) => ({
      resources: { requests: resources?.requests },
      restartPolicy,
    }));
  const { phase, reason, message, conditions, containerStatuses } = pod.status ?? {};
  return {
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    metadata: pod.metadata,
    spec: {
      nodeName,
      schedulingGates,
      ...(!nodeName && { affinity, tolerations }),
      ...(isGuest(pod) && { nodeSelector }),
      containers: slim(containers) ?? [],
      initContainers: slim(initContainers),
      overhead,
    },
    status: { phase, reason, message, conditions, containerStatuses },
  };
}
