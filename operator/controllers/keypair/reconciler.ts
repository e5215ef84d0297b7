import { createHash } from 'node:crypto';
import { SECRET } from '#adapters/kubernetes/types.ts';
import { keySecretName } from '#adapters/kubevirt/manifests.ts';
import { API_VERSION, FIELD_MANAGERS } from '#api/constants.ts';
import { KEY_PAIR, type KeyPair } from '#api/keypair.ts';
import { mergeConditions } from '#core/conditions.ts';
import { applyIfChanged } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { Reconciler } from '#runtime/controller.ts';
import type { Store } from '#runtime/store.ts';

/** Keeps a KeyPair's fingerprint, and its public key in a Secret of its own, where KubeVirt looks for it. */
export function keyPairReconciler(client: KubeClient, store: Store<KeyPair>, now: () => Date): Reconciler {
  return {
    name: 'keypair',
    async reconcile(key) {
      const keyPair = store.get(key);
      if (!keyPair || keyPair.metadata.deletionTimestamp) return;
      const { generation, name, namespace } = keyPair.metadata;
      if (keyPair.status?.observedGeneration === generation) return;
      await client.apply(SECRET, keySecret(keyPair), { fieldManager: FIELD_MANAGERS.keyPair, force: true });
      const ready = {
        type: 'Ready',
        status: 'True',
        reason: 'Valid',
        message: 'guests can be given this key',
      } as const;
      const status = {
        observedGeneration: generation,
        fingerprint: fingerprintOf(keyPair.spec.publicKey),
        conditions: mergeConditions(keyPair.status?.conditions, [ready], { now: now(), generation }),
      };
      const options = { fieldManager: FIELD_MANAGERS.keyPair, force: true, subresource: 'status' };
      await applyIfChanged(client, KEY_PAIR, store, { metadata: { name, namespace }, status }, options);
    },
  };
}

function keySecret({ metadata: { name, namespace, uid }, spec }: KeyPair) {
  return {
    metadata: {
      name: keySecretName(name),
      namespace,
      ownerReferences: [{ apiVersion: API_VERSION, kind: 'KeyPair', name, uid, controller: true }],
    },
    stringData: { key: spec.publicKey },
  };
}

/** As `ssh-keygen -l` prints it: SHA256 of the key's bytes in base64 without padding (RFC 4648, OpenSSH). */
export function fingerprintOf(publicKey: string): string {
  const bytes = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replaceAll('=', '')}`;
}
