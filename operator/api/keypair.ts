import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { conditions, observedGeneration } from './common.ts';
import { GROUP, VERSION } from './constants.ts';
import { AGE_COLUMN, type KindDefinition } from './kind.ts';
import { matching, withRules } from './schema.ts';

const OPENSSH_LINE =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh[.]com|sk-ecdsa-sha2-nistp256@openssh[.]com) AAAA[A-Za-z0-9+/]+={0,3}( [^\n\r]*)?$/;

export const keyPairSpec = z.strictObject({
  publicKey: withRules(
    z.string().max(16384),
    matching(
      OPENSSH_LINE,
      'must be one OpenSSH public key on one line, without a line break at its end: paste the contents of a .pub file, such as ssh-ed25519 AAAA... me@host',
    ),
  ).meta({ description: 'Public key in OpenSSH form, one line.' }),
});

export const keyPairStatus = z.strictObject({
  observedGeneration,
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
  group: GROUP,
  version: VERSION,
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
  conditions: [
    {
      type: 'Ready',
      description: 'Instances can be given the key.',
      reasons: {
        FingerprintKnown: 'The key was read and status.fingerprint is its fingerprint.',
        KeyUnreadable:
          'The text has the form of a key, but its base64 part is none: paste the .pub file again.',
      },
    },
  ],
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
    AGE_COLUMN,
  ],
};
