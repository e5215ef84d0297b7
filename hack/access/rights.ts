/** A verb of Kubernetes, or one of Berth's own that its admission policies ask for (pin, unlock, fence). */
export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'pin'
  | 'unlock'
  | 'fence';

/** What may be done with what: a rule of a ClusterRole, with the reason for it. */
export interface Right {
  /** '' is the core group. */
  group: string;
  /** Plurals, with a subresource after a slash. */
  resources: readonly string[];
  verbs: readonly Verb[];
  /** Only objects of these names; of what is created only by server-side apply, which names it. */
  names?: readonly string[];
  /** Only in Berth's own namespace: a rule of a Role there instead. */
  ownNamespace?: true;
  /** Needed only by an operator that the chart installed, or by one outside of the cluster, which publishes its webhooks and policies itself. */
  only?: 'installed' | 'outside';
  /** What it is for: a comment in the manifests. */
  why: string;
  /** Why a run of the tests need not show it: such a right may go unused. */
  unseen?: string;
}

/** A request as the API server's authorizer saw it. */
export interface Use {
  verb: string;
  group: string;
  /** With the subresource, if any, after a slash. */
  resource: string;
  namespace?: string;
  name?: string;
}

export const READ = ['get', 'list', 'watch'] as const;
export const MIRROR = ['list', 'watch'] as const;
export const WRITE = ['create', 'update', 'patch', 'delete', 'deletecollection'] as const;
