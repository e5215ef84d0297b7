import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { api, list } from './api.ts';
import { claimOf, volumeName, volumeOf, wantsMore, wantsVolume } from './claims.ts';
import { importerPod, podName, unsupported } from './importer-pod.ts';
import { type Claim, type DataVolume, keyOf, type Pod, type Volume, type World } from './kinds.ts';
import { progressOf, sourceInUse, statusOf } from './progress.ts';

/**
 * Stands in for CDI, and for a storage driver, in the kind cluster: makes volumes of folders that all nodes share, and fills DataVolumes'
 * claims with qemu-img. It looks at everything twice a second.
 */
const { STORAGE_CLASSES = '', FOLDER = '', TOOLS_IMAGE = '', QEMU_IMAGE = '' } = process.env;
const CLASSES = STORAGE_CLASSES.split(',');
const CDI = '/apis/cdi.kubevirt.io/v1beta1';
const QEMU = 107;

async function look(): Promise<World> {
  const [dataVolumes, claims, volumes, pods] = await Promise.all([
    list<DataVolume>(`${CDI}/datavolumes`),
    list<Claim>('/api/v1/persistentvolumeclaims'),
    list<Volume>('/api/v1/persistentvolumes'),
    list<Pod>('/api/v1/pods'),
  ]);
  return { dataVolumes, claims, volumes, pods };
}

async function provide(claim: Claim, { volumes }: World): Promise<void> {
  const { namespace, name } = claim.metadata;
  const volume = volumes.find(({ metadata }) => metadata.name === volumeName(claim));
  if (!volume && wantsVolume(claim, CLASSES)) {
    const folder = `${FOLDER}/${volumeName(claim)}`;
    mkdirSync(folder, { recursive: true });
    chownSync(folder, QEMU, QEMU);
    chmodSync(folder, 0o770);
    await api('POST', '/api/v1/persistentvolumes', volumeOf(claim, FOLDER));
  }
  if (!volume || claim.status?.phase !== 'Bound' || !wantsMore(claim, volume)) return;
  const capacity = { storage: claim.spec.resources?.requests?.storage };
  await api('PATCH', `/api/v1/persistentvolumes/${volume.metadata.name}`, { spec: { capacity } });
  await api('PATCH', `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}/status`, {
    status: { capacity },
  });
}

async function reclaim({ metadata: { name }, spec, status }: Volume): Promise<void> {
  if (!CLASSES.includes(spec.storageClassName ?? '') || status?.phase !== 'Released') return;
  rmSync(`${FOLDER}/${name}`, { recursive: true, force: true });
  await api('DELETE', `/api/v1/persistentvolumes/${name}`);
}

async function fill(dataVolume: DataVolume, world: World): Promise<void> {
  const { namespace, name, deletionTimestamp } = dataVolume.metadata;
  if (deletionTimestamp || dataVolume.status?.phase === 'Succeeded') return;
  const claim = world.claims.find((it) => keyOf(it) === keyOf(dataVolume));
  const pod = world.pods.find(({ metadata }) => metadata.name === podName(dataVolume));
  if (!claim)
    await api('POST', `/api/v1/namespaces/${namespace}/persistentvolumeclaims`, claimOf(dataVolume));
  const mayBegin = claim?.status?.phase === 'Bound' && !unsupported(dataVolume.spec.source);
  if (claim && !pod && mayBegin && !sourceInUse(dataVolume, world)) {
    const images = { tools: TOOLS_IMAGE, qemu: QEMU_IMAGE };
    await api('POST', `/api/v1/namespaces/${namespace}/pods`, importerPod(dataVolume, claim, images));
  }
  const how = progressOf(dataVolume, claim, pod);
  if (how.phase === dataVolume.status?.phase && !how.failure) return;
  const status = statusOf(dataVolume, claim, how, new Date().toISOString());
  await api('PATCH', `${CDI}/namespaces/${namespace}/datavolumes/${name}/status`, { status });
  if (how.phase === 'Succeeded')
    await api('DELETE', `/api/v1/namespaces/${namespace}/pods/${podName(dataVolume)}`);
}

async function round(): Promise<void> {
  const world = await look();
  for (const claim of world.claims) await provide(claim, world);
  for (const volume of world.volumes) await reclaim(volume);
  for (const dataVolume of world.dataVolumes) await fill(dataVolume, world);
}

process.on('SIGTERM', () => process.exit());
for (;;) {
  await round().catch((error: unknown) => console.error(error));
  await sleep(500);
}
