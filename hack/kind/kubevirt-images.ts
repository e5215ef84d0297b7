import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { moduleFolder } from './binaries.ts';
import { emptyTree, hasImage, importTree, PATH } from './docker.ts';
import { BINARIES } from './paths.ts';
import { pipe, run } from './shell.ts';
import { fingerprint, once } from './stamp.ts';
import { copyOf, launcherTree } from './trees.ts';
import { KUBEVIRT } from './versions.ts';

/** Where the images that are built here are named to come from. */
export const LOCAL_REGISTRY = 'berth.local/kubevirt';

const FILES = join(import.meta.dirname, 'kubevirt/files');
const CONTROLLERS = ['virt-operator', 'virt-api', 'virt-controller'];
const ON_NODES = ['virt-launcher', 'virt-handler'];
const tag = (name: string) => `${LOCAL_REGISTRY}/${name}:${KUBEVIRT}`;

export const kubevirtTags: readonly string[] = [...CONTROLLERS, ...ON_NODES].map(tag);

/** KubeVirt's images: its own programs, on nothing, or on Debian's libvirt and QEMU. `binaries` says which they are. */
export async function kubevirtImages(binaries: string): Promise<void> {
  const tree = await launcherTree();
  const files = [import.meta.filename, join(FILES, 'virtqemud'), join(FILES, 'node-labeller.sh')];
  await once(
    "KubeVirt's images",
    fingerprint([binaries], files),
    async () => {
      for (const name of CONTROLLERS) await controllerImage(name);
      await launcherImage(tree);
    },
    async () => (await Promise.all(kubevirtTags.map(hasImage))).every(Boolean),
  );
}

async function controllerImage(name: string): Promise<void> {
  const root = emptyTree(name);
  for (const folder of ['usr/bin', 'etc', 'tmp']) mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  copyFileSync(join(BINARIES, name), join(root, 'usr/bin', name));
  writeFileSync(join(root, 'etc/passwd'), 'nonroot-user:x:1001:1001::/:/bin/false\n');
  await importTree(root, [tag(name)], [PATH, 'USER 1001', `ENTRYPOINT ["/usr/bin/${name}"]`]);
}

async function launcherImage(tree: string): Promise<void> {
  const root = await copyOf(tree, 'launcher-image');
  const at = (...path: string[]) => join(root, ...path);
  await pipe(
    [
      'rm -rf var/cache/apt var/lib/apt/lists usr/share/doc usr/share/man usr/share/locale',
      "find usr/lib/x86_64-linux-gnu/libvirt/connection-driver -name '*.so' ! -name '*_qemu.so' ! -name '*_secret.so' -delete",
      // An absolute link that is reached through another process's root would lead to one's own.
      'rm -rf var/run var/lock && ln -s ../run var/run && ln -s ../run/lock var/lock',
      'mkdir -p usr/lib64/qemu-kvm etc/libvirt/hooks usr/libexec var/lib/kubevirt-node-labeller home/qemu',
      'mkdir -p var/log/libvirt var/lib/libvirt/qemu var/cache/libvirt',
      'cp usr/sbin/libvirtd usr/libexec/virtqemud',
      ': > etc/libvirt/virtlogd.conf',
      'ln -sf qemu-system-x86_64 usr/bin/qemu-kvm',
      'ln -sf ../bin/qemu-system-x86_64 usr/libexec/qemu-kvm',
    ].join('\n'),
    { cwd: root },
  );
  const launcher = join(await moduleFolder('kubevirt.io/kubevirt'), 'cmd/virt-launcher');
  for (const name of ['qemu.conf', 'virtqemud.conf'])
    place(join(launcher, name), at('etc/libvirt', name), 0o644);
  place(join(launcher, 'qemu'), at('etc/libvirt/hooks/qemu'));
  place(join(FILES, 'virtqemud'), at('usr/sbin/virtqemud'));
  place(join(FILES, 'node-labeller.sh'), at('usr/bin/node-labeller.sh'));
  const programs = ['virt-launcher', 'virt-launcher-monitor', 'virt-handler', 'virt-chroot', 'virt-probe'];
  for (const name of [...programs, 'virt-tail', 'virt-freezer', 'container-disk'])
    place(join(BINARIES, name), at('usr/bin', name));
  await run('setcap', ['cap_net_bind_service=+eip', at('usr/bin/virt-launcher-monitor')]);
  accounts(at('etc'));
  await importTree(root, ON_NODES.map(tag), [PATH]);
}

/** KubeVirt's own user and group 107, under the name that Debian's libvirt was built with as well. */
function accounts(etc: string): void {
  const rewrite = (file: string, lines: string) => {
    const others = readFileSync(join(etc, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !/^(qemu|libvirt-qemu):|^[^:]*:[^:]*:107:/.test(line));
    rmSync(join(etc, file));
    writeFileSync(join(etc, file), `${others.join('\n')}\n${lines}`);
  };
  const user = ':x:107:107:user:/home/qemu:/bin/bash\n';
  rewrite('passwd', `qemu${user}libvirt-qemu${user}`);
  rewrite('group', 'qemu:x:107:\nlibvirt-qemu:x:107:\n');
}

function place(from: string, to: string, mode = 0o755): void {
  rmSync(to, { force: true });
  copyFileSync(from, to);
  chmodSync(to, mode);
}
