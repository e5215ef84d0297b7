/** A request to the API server in the words of RBAC, read off its method and path. */
export interface ApiRequest {
  verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  /** Plural: pods; empty for what is no resource, such as /version. */
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  /** Parsed, where it is JSON. */
  body?: unknown;
}

const VERBS: Record<string, ApiRequest['verb']> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

export function apiRequest(method: string, url: string, body?: unknown): ApiRequest {
  const { pathname, searchParams } = new URL(url, 'http://any');
  const parts = pathname.split('/').filter(Boolean);
  const rest = parts.slice(parts[0] === 'apis' ? 3 : 2);
  const namespaced = rest[0] === 'namespaces' && rest.length > 2;
  const [resource = '', name, subresource] = namespaced ? rest.slice(2) : rest;
  const read = searchParams.get('watch') ? 'watch' : name === undefined ? 'list' : 'get';
  return {
    verb: VERBS[method] ?? read,
    resource,
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
    ...(namespaced && { namespace: rest[1] }),
    ...(body !== undefined && { body }),
  };
}
