/** Where a kind is served: its coordinates in the API and in a URL. `group` is '' for the core group. */
export interface Resource {
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Timestamps are RFC 3339 strings. managedFields is never kept: reflectors take it off. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** What can be sent to the API server: an object, or part of one, that need not have been stored yet. */
export interface Manifest {
  apiVersion?: string;
  kind?: string;
  metadata: Partial<ObjectMeta>;
  spec?: unknown;
  status?: unknown;
  data?: unknown;
}

/** "namespace/name", or "name" for what is cluster-scoped. */
export type Key = string;

export function keyOf(object: { metadata: { name?: string; namespace?: string } }): Key {
  const { name, namespace } = object.metadata;
  if (!name) throw new Error('an object without a name has no key');
  return namespace ? `${namespace}/${name}` : name;
}

export function splitKey(key: Key): { namespace?: string; name: string } {
  const slash = key.indexOf('/');
  if (slash < 0) return { name: key };
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** The URL path of the whole collection, in one namespace if given. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const scope = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}/${resource.version}${scope}/${resource.plural}`;
}

/** The URL path of one object, or of a subresource of it. */
export function objectPath(resource: Resource, key: Key, subresource?: string): string {
  const { namespace, name } = splitKey(key);
  if (resource.namespaced && !namespace) throw new Error(`${resource.kind} ${key}: namespace missing`);
  const tail = subresource ? `/${subresource}` : '';
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}${tail}`;
}
