import { buildRuntime } from './binaries.ts';
import { startEngine, userHasEngine } from './engine.ts';
import { run, say, succeeds } from './shell.ts';

/** Published: kind's and KubeVirt's own images, pulled. Built: every image is built here, out of Debian's packages and Go modules. */
export type ImageSource = 'published' | 'built';

export const PUBLISHED_NODE_IMAGE = process.env.KIND_NODE_IMAGE ?? 'kindest/node:v1.33.7';

/**
 * KIND_IMAGES says which; unless it is set, published ones where there is an engine that can pull kind's node image. Where images
 * are built an engine of our own runs, too.
 */
export async function chooseImages(): Promise<ImageSource> {
  const source = asked() ?? ((await canPull()) ? 'published' : 'built');
  if (source === 'published') await needsForPublished();
  else {
    await needs();
    await buildRuntime();
    await startEngine();
  }
  return source;
}

function asked(): ImageSource | undefined {
  const value = process.env.KIND_IMAGES;
  if (value === undefined || value === 'published' || value === 'built') return value;
  throw new Error(`KIND_IMAGES is ${value}: say published or built`);
}

async function canPull(): Promise<boolean> {
  if (!(await userHasEngine())) return false;
  if (await succeeds('docker', ['image', 'inspect', PUBLISHED_NODE_IMAGE])) return true;
  say(`pulling ${PUBLISHED_NODE_IMAGE}`);
  return succeeds('timeout', ['600', 'docker', 'pull', '--quiet', PUBLISHED_NODE_IMAGE]);
}

const PACKAGES: Readonly<Record<string, string>> = {
  dockerd: 'docker.io',
  iptables: 'iptables',
  debootstrap: 'debootstrap',
  gcc: 'gcc',
  nasm: 'nasm',
  'pkg-config': 'pkg-config',
  setcap: 'libcap2-bin',
};

/** @throws where the images can be pulled, but not all else be had, with what to do about it. */
async function needsForPublished(): Promise<void> {
  if (!(await userHasEngine()))
    throw new Error('KIND_IMAGES is published, and no Docker engine answers: start Docker (`docker info`)');
  if (!(await succeeds('which', ['nasm'])))
    throw new Error('nasm is not installed: the guest is assembled with it (apt-get install nasm)');
}

/** @throws where images cannot be built, with what to do about it. */
async function needs(): Promise<void> {
  const why = 'there is no Docker that can pull images, and to build them here';
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Error(`${why} takes root on Linux (Debian 12 was tried): install Docker, or run as root`);
  const missing = [];
  for (const [command, name] of Object.entries(PACKAGES))
    if (!(await succeeds('which', [command]))) missing.push(name);
  if (!(await succeeds('pkg-config', ['--exists', 'libvirt']))) missing.push('libvirt-dev');
  if (missing.length === 0) return;
  const install = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (process.env.KIND_INSTALL_PACKAGES !== '1')
    throw new Error(
      `${why} takes packages that are not installed (KIND_INSTALL_PACKAGES=1 does it): ${install}`,
    );
  await run('bash', ['-c', `apt-get update -qq && DEBIAN_FRONTEND=noninteractive ${install} -y -qq`]);
}
