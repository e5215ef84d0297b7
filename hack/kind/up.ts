import { buildBerth, loadBerth } from './berth-image.ts';
import {
  buildKind,
  buildKubevirt,
  buildManifestPrinter,
  buildNodeBinaries,
  buildRuntime,
} from './binaries.ts';
import { alsoNamed, clusterExists, createCluster, deleteCluster, loadImage } from './cluster.ts';
import { keepServicesIn } from './engine.ts';
import { GUEST_IMAGE, guestImage, SAMPLES_IMAGES } from './guest-image.ts';
import { installKubevirt } from './kubevirt.ts';
import { kubevirtImages, kubevirtTags, LOCAL_REGISTRY } from './kubevirt-images.ts';
import { NODE_IMAGE, nameByDigest, nodeImage } from './node-image.ts';
import { NODES } from './paths.ts';
import { step } from './shell.ts';
import { chooseImages, type ImageSource, PUBLISHED_NODE_IMAGE } from './source.ts';
import { installStandIn } from './stand-in.ts';
import { TOOLS_IMAGE, toolsImage } from './tools-image.ts';

/** From nothing to a cluster with KubeVirt and what stands in for CDI, and with Berth's image on its nodes; Berth is not installed in it. */
export async function up(): Promise<void> {
  const source = await chooseImages();
  await buildKind();
  if (await clusterExists()) await step('delete the cluster of before', deleteCluster);
  await buildManifestPrinter();
  await toolsImage(await buildRuntime());
  await guestImage();
  if (source === 'built') await buildImages();
  await buildBerth();
  await step('create the cluster', () => create(source));
  const registry = source === 'built' ? LOCAL_REGISTRY : 'quay.io/kubevirt';
  await Promise.all([
    step('install KubeVirt', () => installKubevirt(registry)),
    step("load Berth's image", loadBerth).then(() =>
      step('install the stand-in for CDI', () => installStandIn(registry)),
    ),
  ]);
}

async function buildImages(): Promise<void> {
  const node = await buildNodeBinaries();
  const kubevirt = await buildKubevirt();
  await kubevirtImages(kubevirt);
  await nodeImage([...kubevirtTags, ...ours], [node, kubevirt]);
}

const ours = [GUEST_IMAGE, TOOLS_IMAGE];

async function create(source: ImageSource): Promise<void> {
  if (source === 'published') {
    await createCluster(PUBLISHED_NODE_IMAGE, false);
    for (const tag of ours) await loadImage({ tag });
    for (const node of NODES) await nameByDigest(node, ours);
    return;
  }
  await keepServicesIn();
  await createCluster(NODE_IMAGE, true);
  await alsoNamed(GUEST_IMAGE, SAMPLES_IMAGES);
  for (const node of NODES) await nameByDigest(node, SAMPLES_IMAGES);
}
