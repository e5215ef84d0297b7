import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { conditions } from './common.ts';
import type { KindDefinition } from './kind.ts';
import { withRules } from './schema.ts';

export const keyPairSpec = z.strictObject({
  publicKey: withRules(z.string().min(1).max(16384), {
    rule: "self.matches('^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh.com|sk-ecdsa-sha2-nistp256@openssh.com) [A-Za-z0-9+/]+={0,3}( [^\\\\n\\\\r]*)?$')",
    message:
      'publicKey is one line in OpenSSH form: paste the contents of a .pub file, such as `ssh-ed25519 AAAA... me@host`',
    check: (key) =>
      /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh.com|sk-ecdsa-sha2-nistp256@openssh.com) [A-Za-z0-9+/]+={0,3}( [^\n\r]*)?$/.test(
        key,
      ),
  }).meta({ description: 'Public key in OpenSSH form, one line.' }),
});

export const keyPairStatus = z.strictObject({
  observedGeneration: z.int().optional(),
  fingerprint: z
    .string()
    .max(128)
    .meta({ description: '`SHA256:` and the base64 digest, as ssh-keygen -l prints it.' })
    .optional(),
  conditions: conditions.optional(),
});

export interface KeyPair extends KubeObject {
  spec: z.infer<typeof keyPairSpec>;
  status?: z.infer<typeof keyPairStatus>;
}

export const KEY_PAIR = {
  group: 'compute.berth.dev',
  version: 'v1alpha1',
  plural: 'keypairs',
  kind: 'KeyPair',
  namespaced: true,
};

export const keyPairKind: KindDefinition = {
  kind: 'KeyPair',
  plural: 'keypairs',
  singular: 'keypair',
  shortNames: ['kp'],
  scope: 'Namespaced',
  description: 'A public SSH key that guests of the namespace can be given.',
  spec: keyPairSpec,
  status: keyPairStatus,
  columns: [
    {
      name: 'Fingerprint',
      type: 'string',
      jsonPath: '.status.fingerprint',
      description: 'Fingerprint of the key',
    },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Can it be used',
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when' },
  ],
};
