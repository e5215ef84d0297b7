import type { CallOptions, RequestOptions } from './client.ts';
import { isGone } from './errors.ts';
import { apiVersionOf, collectionPath, type KubeObject, type Resource } from './resource.ts';

export interface ListOptions extends CallOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Stop after this many objects. */
  limit?: number;
  /** Objects a page; 500 unless set. */
  pageSize?: number;
}

export interface ListResult<T> {
  items: T[];
  resourceVersion: string;
}

interface Page<T> {
  metadata: { resourceVersion?: string; continue?: string };
  items: T[] | null;
}

type Fetch = <T>(method: string, path: string, body: undefined, options: RequestOptions) => Promise<T>;

const defaultPageSize = 500;

/** Like client-go's pager: when a continue token has expired midway, the list starts afresh, in one piece. */
export async function listAll<T extends KubeObject>(
  fetch: Fetch,
  resource: Resource,
  options: ListOptions,
): Promise<ListResult<T>> {
  try {
    return await listPages<T>(fetch, resource, options, options.pageSize ?? defaultPageSize);
  } catch (error) {
    if (!isGone(error)) throw error;
    return await listPages<T>(fetch, resource, options, options.limit ?? 0);
  }
}

async function listPages<T extends KubeObject>(
  fetch: Fetch,
  resource: Resource,
  options: ListOptions,
  pageSize: number,
): Promise<ListResult<T>> {
  const most = options.limit ?? Number.POSITIVE_INFINITY;
  const items: T[] = [];
  for (let token: string | undefined; ; ) {
    const limit = Math.min(pageSize || most, most - items.length);
    const page = await fetchPage<T>(fetch, resource, options, limit, token);
    for (const item of page.items ?? []) items.push(completed(item, resource));
    token = page.metadata.continue;
    if (!token || items.length >= most)
      return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
  }
}

function fetchPage<T>(
  fetch: Fetch,
  resource: Resource,
  options: ListOptions,
  limit: number,
  token: string | undefined,
): Promise<Page<T>> {
  const { namespace, labelSelector, fieldSelector, limit: _, pageSize: __, ...call } = options;
  const query = {
    limit: Number.isFinite(limit) ? limit : undefined,
    continue: token,
    labelSelector,
    fieldSelector,
  };
  return fetch<Page<T>>('GET', collectionPath(resource, namespace), undefined, { ...call, query });
}

/** Items of a list of built-in kinds come without apiVersion and kind. */
function completed<T extends KubeObject>(item: T, resource: Resource): T {
  item.apiVersion ??= apiVersionOf(resource);
  item.kind ??= resource.kind;
  return item;
}
