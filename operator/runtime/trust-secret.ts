import type { KubeClient } from './client.ts';
import { isAlreadyExists, isConflict, isNotFound } from './errors.ts';
import { type Key, type KubeObject, type Resource, splitKey } from './resource.ts';
import type { Trust } from './trust.ts';

export const secrets: Resource = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
};

interface Secret extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

const encode = (text: string): string => Buffer.from(text).toString('base64');
const decode = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString('utf8');

function dataOf(trust: Trust): Record<string, string> {
  const { signer, next, retired, serving } = trust;
  return {
    'ca.crt': encode(signer.cert),
    'ca.key': encode(signer.key),
    'next-ca.crt': encode(next?.cert ?? ''),
    'next-ca.key': encode(next?.key ?? ''),
    'retired-ca.crt': encode(retired.join('')),
    'tls.crt': encode(serving.cert),
    'tls.key': encode(serving.key),
  };
}

/** Undefined for a Secret that holds no trust, such as an empty one that an installer made. */
function trustOf(secret: Secret): Trust | undefined {
  const data = secret.data ?? {};
  const pair = (name: string) => ({ cert: decode(data[`${name}.crt`]), key: decode(data[`${name}.key`]) });
  const [signer, next, serving] = [pair('ca'), pair('next-ca'), pair('tls')];
  if (!signer.cert || !signer.key || !serving.cert || !serving.key) return undefined;
  const retired =
    decode(data['retired-ca.crt']).match(/-----BEGIN[\s\S]*?-----END CERTIFICATE-----\r?\n?/g) ?? [];
  return { signer, next: next.cert ? next : undefined, retired: [...retired], serving };
}

/**
 * Reads the shared trust, lets `renew` decide what it should be, and writes it if that is something else. Of replicas
 * that do so at once, one wins and the others read what it wrote.
 */
export async function shareTrust(
  client: KubeClient,
  key: Key,
  renew: (trust: Trust | undefined) => Trust,
): Promise<Trust> {
  for (;;) {
    const secret = await read(client, key);
    const held = secret && trustOf(secret);
    const wanted = renew(held);
    if (wanted === held) return wanted;
    if (await write(client, key, secret, wanted)) return wanted;
  }
}

async function read(client: KubeClient, key: Key): Promise<Secret | undefined> {
  try {
    return await client.get<Secret>(secrets, key);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function write(
  client: KubeClient,
  key: Key,
  secret: Secret | undefined,
  trust: Trust,
): Promise<boolean> {
  try {
    const data = dataOf(trust);
    if (secret) await client.update<Secret>(secrets, { ...secret, data });
    else await client.create<Secret>(secrets, { metadata: splitKey(key), data });
    return true;
  } catch (error) {
    if (isConflict(error) || isAlreadyExists(error) || isNotFound(error)) return false;
    throw error;
  }
}
