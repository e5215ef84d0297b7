import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WORK } from './paths.ts';
import { run } from './shell.ts';
import { fingerprint, once } from './stamp.ts';

const SUITE = 'bookworm';

/** What a kind node has (kind's images/base/Dockerfile), with the containerd and runc that Debian packages. */
const NODE_PACKAGES = [
  ...[
    'systemd',
    'systemd-sysv',
    'dbus',
    'conntrack',
    'iptables',
    'nftables',
    'iproute2',
    'ethtool',
    'util-linux',
  ],
  ...['mount', 'kmod', 'libseccomp2', 'pigz', 'socat', 'ebtables', 'e2fsprogs', 'bash', 'ca-certificates'],
  ...['curl', 'jq', 'procps', 'containerd', 'runc', 'nfs-common'],
];

/** What virt-launcher and virt-handler run. */
const LAUNCHER_PACKAGES = [
  ...['libvirt-daemon', 'libvirt-daemon-driver-qemu', 'libvirt-clients', 'qemu-system-x86', 'qemu-utils'],
  ...['seabios', 'ipxe-qemu', 'ovmf', 'procps', 'nftables', 'ethtool', 'acl', 'xorriso', 'iproute2'],
  ...['netcat-openbsd', 'util-linux'],
];

export const nodeTree = (): Promise<string> => debianTree('node', NODE_PACKAGES);
export const launcherTree = (): Promise<string> => debianTree('launcher', LAUNCHER_PACKAGES);

export const treePath = (name: string): string => join(WORK, 'trees', name);

/** A folder with Debian and some packages in it. */
async function debianTree(name: string, packages: readonly string[]): Promise<string> {
  const folder = treePath(name);
  await once(
    `Debian tree ${name}`,
    fingerprint([SUITE, ...packages]),
    async () => {
      const work = `${folder}.part`;
      rmSync(work, { recursive: true, force: true });
      mkdirSync(work, { recursive: true });
      await run('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, SUITE, work]);
      rmSync(folder, { recursive: true, force: true });
      renameSync(work, folder);
    },
    () => existsSync(folder),
  );
  return folder;
}

/** A copy to change, next to the original. */
export async function copyOf(tree: string, name: string): Promise<string> {
  const folder = treePath(name);
  rmSync(folder, { recursive: true, force: true });
  await run('cp', ['-a', tree, folder]);
  return folder;
}
