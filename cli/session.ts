import { KubeConfig } from '@kubernetes/client-node';
import type { KubeClient } from '#runtime/client.ts';
import { createClient } from '#runtime/client.ts';

/** What a command works with: the cluster of the user's kubeconfig, and where its words go. */
export interface Session {
  readonly client: KubeClient;
  readonly namespace: string;
  /** The answer. */
  print(text: string): void;
  /** How it goes: progress and hints, so that the answer can be piped. */
  tell(text: string): void;
  readonly signal: AbortSignal;
}

export interface ClusterFlags {
  kubeconfig?: string | undefined;
  context?: string | undefined;
  namespace?: string | undefined;
}

/** A mistake of the user, with what to do about it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** As kubectl finds its cluster: --kubeconfig, KUBECONFIG, ~/.kube/config; the context's namespace unless one is given. */
export function openSession({ kubeconfig, context, namespace }: ClusterFlags, signal: AbortSignal): Session {
  const config = new KubeConfig();
  if (kubeconfig) config.loadFromFile(kubeconfig);
  else config.loadFromDefault();
  if (context !== undefined) {
    if (!config.getContextObject(context))
      throw new UsageError(`there is no context ${context}: kubectl config get-contexts lists them`);
    config.setCurrentContext(context);
  }
  const current = config.getContextObject(config.getCurrentContext());
  return {
    client: createClient(config, { userAgent: 'kubectl-berth' }),
    namespace: namespace ?? current?.namespace ?? 'default',
    print: (text) => void process.stdout.write(`${text}\n`),
    tell: (text) => void process.stderr.write(`${text}\n`),
    signal,
  };
}
