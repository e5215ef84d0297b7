import { copyFileSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { kindSources } from './binaries.ts';
import { controlPlaneImages, controlPlaneSource, controlPlaneTags } from './control-plane-images.ts';
import { docker, hasImage, importTree, PATH, quote } from './docker.ts';
import { BINARIES, ROOT } from './paths.ts';
import { pipe, run } from './shell.ts';
import { fingerprint, once } from './stamp.ts';
import { copyOf, nodeTree } from './trees.ts';
import { KUBERNETES } from './versions.ts';

export const NODE_IMAGE = `kindest/node:${KUBERNETES}-local`;
const BASE_IMAGE = 'berth.local/node-base:1';
const BUILDER = 'berth-kind-node-image';
const START = '["/usr/local/bin/entrypoint","/sbin/init"]';

/**
 * The image of a kind node, made of Debian's packages, of kind's own files as they are in its Go module, and of binaries that were
 * built before. It carries the given images of the engine, beside those of the control plane. `contents` says what it is made of.
 */
export async function nodeImage(carried: readonly string[], contents: readonly string[]): Promise<void> {
  const tree = await nodeTree();
  const wanted = fingerprint([...contents, ...carried], [import.meta.filename, controlPlaneSource]);
  await once(
    'node image',
    wanted,
    async () => {
      await baseImage(tree);
      await controlPlaneImages(tree);
      await carry([...controlPlaneTags, ...carried]);
    },
    () => hasImage(NODE_IMAGE),
  );
}

/** The steps of kind's images/base/Dockerfile on a Debian tree. */
async function baseImage(tree: string): Promise<void> {
  const root = await copyOf(tree, 'node-base');
  const at = (...path: string[]) => join(root, ...path);
  cpSync(join(await kindSources(), 'images/base/files'), root, { recursive: true });
  await run('chmod', ['-R', 'u+w', at('kind'), at('etc/containerd'), at('etc/default')]);
  await pipe(
    `chmod 755 ${['kind', 'kind/bin', 'kind/bin/*', 'usr/local/bin/*'].map((it) => at(it)).join(' ')}`,
  );
  await pipe(
    [
      'rm -rf var/cache/apt/archives/*.deb var/lib/apt/lists/* usr/share/doc usr/share/man',
      'find lib/systemd/system/sysinit.target.wants/ -name systemd-tmpfiles-setup.service -delete',
      'rm -f lib/systemd/system/multi-user.target.wants/* etc/systemd/system/*.wants/*',
      'rm -f lib/systemd/system/local-fs.target.wants/* lib/systemd/system/basic.target.wants/*',
      'rm -f lib/systemd/system/sockets.target.wants/*udev* lib/systemd/system/sockets.target.wants/*initctl*',
      'echo ReadKMsg=no >> etc/systemd/journald.conf',
      'mkdir -p etc/kubernetes/manifests opt/cni/bin kind/manifests',
      'rm -f etc/systemd/system/containerd-fuse-overlayfs.service',
    ].join('\n'),
    { cwd: root },
  );
  // Nodes may be unable to lower an oom score, and then no pod would start.
  const config = readFileSync(at('etc/containerd/config.toml'), 'utf8');
  writeFileSync(
    at('etc/containerd/config.toml'),
    config.replace('restrict_oom_score_adj = false', 'restrict_oom_score_adj = true'),
  );
  for (const name of ['containerd', 'ctr', 'containerd-shim-runc-v2'])
    symlinkSync(`/usr/bin/${name}`, at('usr/local/bin', name));
  for (const name of ['kubelet', 'kubeadm']) copyFileSync(join(BINARIES, name), at('usr/bin', name));
  copyFileSync(join(ROOT, 'bin/localcluster'), at('usr/bin/kubectl'));
  for (const name of ['ptp', 'loopback', 'host-local', 'portmap'])
    copyFileSync(join(BINARIES, 'cni', name), at('opt/cni/bin', name));
  writeFileSync(at('kind/version'), KUBERNETES);
  const hook =
    '.hooks.createContainer += [{"path": "/kind/bin/mount-product-files.sh"}] | del(.process.rlimits)';
  await pipe(
    `chroot ${quote(root)} sh -c ${quote(`ctr oci spec | jq '${hook}' > /etc/containerd/cri-base.json`)}`,
  );
  await run('chroot', [root, 'systemctl', 'enable', 'kubelet', 'containerd', 'undo-mount-hacks']);
  await run('chroot', [root, 'systemctl', 'mask', 'systemd-binfmt.service']);
  await importTree(root, [`${BASE_IMAGE}-raw`], ['ENV container=docker', PATH, `ENTRYPOINT ${START}`]);
  await run('docker', ['build', '-t', BASE_IMAGE, '-'], {
    input: `FROM ${BASE_IMAGE}-raw\nSTOPSIGNAL SIGRTMIN+3\n`,
  });
}

/** Puts images into the store of the node's containerd, as kind's own builder does. */
async function carry(images: readonly string[]): Promise<void> {
  await docker('rm', '-f', BUILDER);
  await docker(
    'run',
    '-d',
    '--name',
    BUILDER,
    '--privileged',
    '--entrypoint',
    'sleep',
    BASE_IMAGE,
    'infinity',
  );
  try {
    await docker('exec', '-d', BUILDER, 'containerd');
    await pipe(`timeout 60 sh -c 'until docker exec ${BUILDER} ctr version; do sleep 0.2; done'`);
    const load = 'ctr -n k8s.io images import --all-platforms --no-unpack --digests -';
    await pipe(`docker save ${images.map(quote).join(' ')} | docker exec -i ${BUILDER} ${load}`);
    await nameByDigest(BUILDER, images);
    const changes = ['--change', `ENTRYPOINT ${START}`, '--change', 'CMD []'];
    await docker('exec', BUILDER, 'pkill', '-x', 'containerd');
    await docker('commit', ...changes, BUILDER, NODE_IMAGE);
    await docker('image', 'prune', '--force');
  } finally {
    await docker('rm', '-f', BUILDER);
  }
}

/** The target of a migration asks for a container disk by its digest, under which an import does not file it. */
export async function nameByDigest(container: string, images: readonly string[]): Promise<void> {
  const listed = await docker('exec', container, 'ctr', '-n', 'k8s.io', 'images', 'ls');
  for (const line of listed.split('\n')) {
    const [name = '', , digest = ''] = line.split(/\s+/);
    if (!images.some((it) => name.endsWith(it)) || name.includes('@')) continue;
    const untagged = join(dirname(name), basename(name).replace(/:.*/, ''));
    await docker(
      'exec',
      container,
      'ctr',
      '-n',
      'k8s.io',
      'images',
      'tag',
      '--force',
      name,
      `${untagged}@${digest}`,
    );
  }
}
