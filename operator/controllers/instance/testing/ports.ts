import { INSTANCE_UID_LABEL, REQUEST_ID_ANNOTATION } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import { INSTANCE_MIGRATION, type InstanceMigration } from '#api/instancemigration.ts';
import type { NodeLedger } from '#api/nodeledger.ts';
import type { NoValidHost, Placed } from '#core/scheduling/decision.ts';
import { largestOf } from '#core/scheduling/resources.ts';
import type { ImageMaker } from '#ports/image-maker.ts';
import type { Ledgers, LedgerWrite } from '#ports/ledgers.ts';
import type { PlaceRequest } from '#ports/scheduler.ts';
import type { KubeClient } from '#runtime/client.ts';
import { ApiError } from '#runtime/errors.ts';
import type { Manifest, Resource } from '#runtime/resource.ts';
import { NODES, object } from './objects.ts';
import type { Scene } from './scene.ts';

/** The first node that is not full. */
export function place(scene: Scene, { claim, request, held }: PlaceRequest): Placed | NoValidHost {
  const { failedHosts = [], ignoreHosts = [], onlyHosts = NODES } = request.ties ?? {};
  const not = [...failedHosts, ...ignoreHosts, ...scene.full];
  const host = onlyHosts.find((name) => !not.includes(name));
  const decided = { profile: 'default', hostsConsidered: NODES.length, filters: [] };
  if (host === undefined) return { kind: 'noValidHost', ...decided, nearestMisses: [] };
  const size = held?.nodeName === host ? { ...claim, ...largestOf(held, claim) } : claim;
  writeLedger(scene, host, (claims) => [...claims.filter(({ uid }) => uid !== claim.uid), size]);
  return { kind: 'placed', host, ...decided, alternates: [], hostsLeft: 1, best: [], rank: 1 };
}

function writeLedger(scene: Scene, nodeName: string, change: Parameters<Ledgers['write']>[1]): LedgerWrite {
  const held = scene.caches.ledgers.get(nodeName);
  if (!held) return 'lost';
  const claims = change(held.spec.claims);
  if (!claims) return 'conflict';
  if (claims === held.spec.claims) return 'unchanged';
  scene.put('ledgers', { ...held, spec: { claims: [...claims] } } as NodeLedger);
  return 'written';
}

/** What the claims' own controller writes is no call of the Instance's. */
export function ledgersOf(scene: Scene, isCounted = true): Ledgers {
  const call = <T>(name: string, effect: () => T) =>
    isCounted ? scene.call(name, effect) : Promise.resolve(effect());
  return {
    ofInstance: (uid) =>
      scene.caches.ledgers
        .byIndex('instance', uid)
        .flatMap(({ metadata, spec }) =>
          spec.claims
            .filter(({ instanceUid }) => instanceUid === uid)
            .map((claim) => ({ nodeName: metadata.name, claim })),
        ),
    claimsOn: (nodeName) => scene.caches.ledgers.get(nodeName)?.spec.claims,
    write: (nodeName, change) => call('writeLedger', () => writeLedger(scene, nodeName, change)),
    create: async () => undefined,
  };
}

export function imageMakerOf(scene: Scene): ImageMaker {
  const { images } = scene.caches;
  return {
    make: (_, { name }, requestId) =>
      scene.call('makeImage', () => {
        const there = images.get(`default/${name}`);
        if (there)
          return there.metadata.annotations?.[REQUEST_ID_ANNOTATION] === requestId ? 'made' : 'taken';
        const annotations = { [REQUEST_ID_ANNOTATION]: requestId };
        const labels = { [INSTANCE_UID_LABEL]: 'uid-web' };
        scene.put(
          'images',
          object('Image', name, { spec: {} }, { namespace: 'default', annotations, labels }),
        );
        return 'made';
      }),
    drop: (_, requestId) =>
      scene.call('dropImage', () => {
        for (const it of images.byIndex('request', requestId)) scene.kubevirt.remove(images, it);
      }),
  };
}

/** The two writes that the reconciler makes by itself: its status, and the finalizer. */
export function clientOf(scene: Scene): KubeClient {
  const write = (name: string, change: (instance: Instance) => Instance) =>
    scene.call(name, () => {
      const { instance } = scene;
      if (!instance) throw new ApiError(404, { reason: 'NotFound' }, name);
      const after = change(instance);
      if (after.metadata.deletionTimestamp && after.metadata.finalizers?.length === 0)
        scene.kubevirt.remove(scene.caches.instances, after);
      else scene.put('instances', after);
      return scene.instance ?? after;
    });
  const applyToMove = (wanted: Manifest) =>
    scene.call('status of the move', () => {
      const held = scene.caches.instanceMigrations.get(`default/${wanted.metadata.name}`);
      if (!held) throw new ApiError(404, { reason: 'NotFound' }, 'InstanceMigration');
      const { status } = wanted as unknown as InstanceMigration;
      scene.put('instanceMigrations', { ...held, status: { ...held.status, ...status } });
      return held;
    });
  const get = () => Promise.reject(new ApiError(404, { reason: 'NotFound' }, 'get'));
  const apply = (resource: Resource, wanted: Manifest) =>
    resource === INSTANCE_MIGRATION
      ? applyToMove(wanted)
      : write('status', (it) => ({ ...it, status: (wanted as unknown as Instance).status }));
  const patch = (_: Resource, __: string, change: { metadata: { finalizers: string[] } }) =>
    write('finalizer', (it) => ({
      ...it,
      metadata: { ...it.metadata, finalizers: change.metadata.finalizers },
    }));
  return { apply, patch, get } as unknown as KubeClient;
}
