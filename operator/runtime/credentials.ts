import type { RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';

/** What identifies us to the API server, and it to us. */
export interface Credentials {
  headers: Record<string, string>;
  tls: ConnectionOptions;
}

const tlsFields = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'rejectUnauthorized', 'servername'] as const;

/**
 * Reads the current context's credentials: certificates, token (client-node runs exec plug-ins and reads token files),
 * impersonated user. Service account tokens change on disk, so it is called again from time to time.
 */
export async function readCredentials(kubeConfig: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  await kubeConfig.applyToHTTPSOptions(options);
  const tls: ConnectionOptions = {};
  for (const field of tlsFields) {
    if (options[field] !== undefined) Object.assign(tls, { [field]: options[field] });
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value);
  if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return { headers, tls };
}

/** Equal for credentials that can share connections. */
export function tlsFingerprint(credentials: Credentials): string {
  return tlsFields.map((field) => String(credentials.tls[field] ?? '')).join('\n');
}
