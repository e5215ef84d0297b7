import { readFileSync } from 'node:fs';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;

/** A request to the API server, with the pod's account. @throws with the server's words; a conflict or a missing object is undefined. */
export async function api<T>(method: string, path: string, body?: object): Promise<T | undefined> {
  const answer = await fetch(`https://${host}:${port}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${readFileSync(`${ACCOUNT}/token`, 'utf8')}`,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.status === 404 || answer.status === 409) return undefined;
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}

export async function list<T>(path: string): Promise<T[]> {
  return (await api<{ items: T[] }>('GET', path))?.items ?? [];
}
