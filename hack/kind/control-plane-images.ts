import { chmodSync, copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emptyTree, importTree, PATH } from './docker.ts';
import { BINARIES, ROOT } from './paths.ts';
import { run } from './shell.ts';
import { ETCD_TAG, KUBERNETES, PAUSE_TAG } from './versions.ts';

export const controlPlaneSource = import.meta.filename;
const XTABLES = 'usr/lib/x86_64-linux-gnu/xtables';

/** The one binary that is a whole control plane, by the name it is called. */
const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'];
const programTags = PROGRAMS.map((name) =>
  name === 'etcd' ? `registry.k8s.io/etcd:${ETCD_TAG}` : `registry.k8s.io/${name}:${KUBERNETES}`,
);
const proxyTag = `registry.k8s.io/kube-proxy:${KUBERNETES}`;
const pauseTag = `registry.k8s.io/pause:${PAUSE_TAG}`;

/** What kubeadm asks a node for. */
export const controlPlaneTags: readonly string[] = [...programTags, proxyTag, pauseTag];

/** The images of the control plane and of kube-proxy, whose tools come from a Debian tree. */
export async function controlPlaneImages(tree: string): Promise<void> {
  const all = emptyTree('control-plane');
  mkdirSync(join(all, 'usr/local/bin'), { recursive: true });
  mkdirSync(join(all, 'tmp'));
  copyFileSync(join(ROOT, 'bin/localcluster'), join(all, 'usr/local/bin/localcluster'));
  copyFileSync(join(BINARIES, 'component'), join(all, 'usr/local/bin/component'));
  for (const name of PROGRAMS) symlinkSync('component', join(all, 'usr/local/bin', name));
  await importTree(all, programTags, [PATH]);

  const pause = emptyTree('pause');
  copyFileSync(join(BINARIES, 'pause'), join(pause, 'pause'));
  await importTree(pause, [pauseTag], ['ENTRYPOINT ["/pause"]']);

  const proxy = emptyTree('kube-proxy');
  const tools = ['usr/sbin/xtables-nft-multi', 'usr/sbin/conntrack', 'usr/sbin/nft'];
  for (const name of tools) await copyProgram(tree, name, proxy);
  for (const library of await librariesOf(tree, `/${XTABLES}/*.so`)) await copyInto(tree, library, proxy);
  for (const name of ['iptables', 'ip6tables'].flatMap((it) => [it, `${it}-save`, `${it}-restore`]))
    symlinkSync('xtables-nft-multi', join(proxy, 'usr/sbin', name));
  mkdirSync(join(proxy, dirname(XTABLES)), { recursive: true });
  // Most of the extensions are links to others.
  await run('cp', ['-a', join(tree, XTABLES), join(proxy, dirname(XTABLES))]);
  mkdirSync(join(proxy, 'usr/local/bin'), { recursive: true });
  copyFileSync(join(BINARIES, 'kube-proxy'), join(proxy, 'usr/local/bin/kube-proxy'));
  mkdirSync(join(proxy, 'tmp'));
  await importTree(proxy, [proxyTag], [PATH]);
}

/** A program with the libraries that it loads, each where it looks for it. */
async function copyProgram(tree: string, path: string, into: string): Promise<void> {
  for (const file of [path, ...(await librariesOf(tree, `/${path}`))]) await copyInto(tree, file, into);
}

async function librariesOf(tree: string, pattern: string): Promise<string[]> {
  const listed = await run('chroot', [tree, 'sh', '-c', `ldd ${pattern}`]);
  return [...new Set([...listed.matchAll(/(\/\S+) \(0x/g)].map(([, file = '']) => file))];
}

async function copyInto(tree: string, file: string, into: string): Promise<void> {
  const target = join(into, file);
  mkdirSync(dirname(target), { recursive: true });
  await run('cp', ['-L', join(tree, file), target]);
  chmodSync(target, 0o755);
}
