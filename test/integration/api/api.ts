import { join } from 'node:path';
import { API_VERSION, GROUP, VERSION } from '#api/constants.ts';
import type { KindDefinition } from '#api/kind.ts';
import { KINDS } from '#api/kinds.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { ApiError } from '#runtime/errors.ts';
import { collectionPath, type KubeObject, objectPath, type Resource } from '#runtime/resource.ts';
import { type Cluster, kubeConfigOf, startCluster } from '#test/cluster.ts';

export const repository = join(import.meta.dirname, '../../..');

/** An object as a user may write it, right or wrong. */
export interface Draft {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  spec?: unknown;
  status?: unknown;
}

/** One error, at one field. `field` is '' where the API server names none. */
export interface Complaint {
  field: string;
  message: string;
}

/** What the API server made of it. */
export type Answer =
  | { kind: 'taken'; object: KubeObject & Draft }
  | { kind: 'refused'; complaints: Complaint[] };

/** A kube-apiserver with Berth's CRDs, and nothing behind it. */
export class Api {
  readonly cluster: Cluster;
  readonly #client: KubeClient;

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
    this.#client = createClient(kubeConfigOf(cluster));
  }

  static async start(): Promise<Api> {
    const cluster = await startCluster({ only: ['etcd', 'kube-apiserver'] });
    await cluster.kubectl('apply', '-f', join(repository, 'crds'));
    await cluster.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
    return new Api(cluster);
  }

  async stop(): Promise<void> {
    await this.#client.close();
    await this.cluster.stop();
  }

  /** Creates it for as long as the request lasts: all checks, no object. */
  tryCreate(draft: Draft, fieldValidation: 'Strict' | 'Ignore' = 'Strict'): Promise<Answer> {
    return this.#send('POST', collectionPath(resourceOf(draft.kind), draft.metadata.namespace), draft, {
      dryRun: 'All',
      fieldValidation,
    });
  }

  create(draft: Draft): Promise<Answer> {
    return this.#send('POST', collectionPath(resourceOf(draft.kind), draft.metadata.namespace), draft, {});
  }

  /** Merges a patch into a stored object for as long as the request lasts. */
  tryPatch(stored: Draft, patch: object, subresource?: 'status'): Promise<Answer> {
    const { name, namespace } = stored.metadata;
    const key = namespace ? `${namespace}/${name}` : name;
    const path = objectPath(resourceOf(stored.kind), key, subresource);
    return this.#send('PATCH', path, patch, { dryRun: 'All', fieldValidation: 'Strict' });
  }

  async #send(method: string, path: string, body: object, query: Record<string, string>): Promise<Answer> {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : undefined;
    try {
      return {
        kind: 'taken',
        object: await this.#client.request(method, path, body, { query, contentType }),
      };
    } catch (error) {
      if (error instanceof ApiError) return { kind: 'refused', complaints: complaintsOf(error) };
      throw error;
    }
  }
}

export function definitionOf(kind: string): KindDefinition {
  const found = KINDS.find((it) => it.kind === kind);
  if (!found) throw new Error(`${kind} is no kind of ${API_VERSION}`);
  return found;
}

function resourceOf(kind: string): Resource {
  const { plural, scope } = definitionOf(kind);
  return { group: GROUP, version: VERSION, kind, plural, namespaced: scope === 'Namespaced' };
}

/** The errors of a refusal, without the note that says that there may be more. */
function complaintsOf({ status }: ApiError): Complaint[] {
  const causes = status.details?.causes ?? [];
  const complaints = causes.map(({ field = '', message = '' }) => ({ field, message }));
  const real = complaints.filter(
    ({ message }) => !message.includes('some validation rules were not checked'),
  );
  return real.length > 0 ? real : [{ field: '', message: status.message ?? '' }];
}
