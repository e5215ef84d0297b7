import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BINARIES, WORK } from './paths.ts';
import { run, step } from './shell.ts';
import { fingerprint, once } from './stamp.ts';
import { CNI_PLUGINS, KIND, KUBERNETES, KUBEVIRT } from './versions.ts';

const HERE = import.meta.dirname;
const KUBERNETES_COMMANDS = ['kubelet', 'kubeadm', 'kube-proxy'];
const PLUGINS = ['main/ptp', 'main/loopback', 'ipam/host-local', 'meta/portmap'];
const STATIC_COMMANDS = [
  ...['virt-operator', 'virt-api', 'virt-controller', 'virt-chroot', 'virt-launcher-monitor'],
  ...['virt-probe', 'virt-tail', 'virt-freezer'],
];
const runtimeFiles = ['runc', 'pause', 'copy', 'component'].map((name) =>
  join(HERE, 'runtime', name, 'main.go'),
);
const LIBVIRT_COMMANDS = ['virt-handler', 'virt-launcher'];

/** What the engine and pods need before anything else: runc as this machine allows it, and the process that holds a pod. */
export const buildRuntime = (): Promise<string> =>
  once('runtime', fingerprint([], runtimeFiles), () =>
    go(
      ['build', '-ldflags', '-s -w', '-o', `${BINARIES}/`, './runc', './pause', './copy', './component'],
      join(HERE, 'runtime'),
    ),
  );

export const buildKind = (): Promise<string> =>
  once('kind', KIND, () => install(`sigs.k8s.io/kind@${KIND}`, BINARIES));

/** What a node runs beside containers. The control plane's programs are those of the local cluster. */
export const buildNodeBinaries = (): Promise<string> =>
  once(
    `Kubernetes ${KUBERNETES}`,
    fingerprint([CNI_PLUGINS], [join(HERE, 'kubernetes/go.mod')]),
    async () => {
      const packages = KUBERNETES_COMMANDS.map((name) => `k8s.io/kubernetes/cmd/${name}`);
      await build('kubernetes', packages, kubernetesFlags());
      for (const plugin of PLUGINS)
        await install(
          `github.com/containernetworking/plugins/plugins/${plugin}@${CNI_PLUGINS}`,
          join(BINARIES, 'cni'),
        );
    },
  );

/** The printer of the manifests that start KubeVirt's operator; also where KubeVirt's images are the published ones. */
export const buildManifestPrinter = (): Promise<string> =>
  once("KubeVirt's manifests", fingerprint([], [join(HERE, 'kubevirt/manifests/main.go')]), () =>
    build('kubevirt', ['./manifests'], kubevirtFlags),
  );

export const buildKubevirt = (): Promise<string> =>
  once(
    `KubeVirt ${KUBEVIRT}`,
    fingerprint([KUBEVIRT, String(patches)], [join(HERE, 'kubevirt/go.mod')]),
    async () => {
      await step('  the part without libvirt', () =>
        build('kubevirt', STATIC_COMMANDS.map(command), kubevirtFlags),
      );
      await step('  the part with libvirt', async () => {
        const modfile = await withOwnBinding();
        await build('kubevirt', LIBVIRT_COMMANDS.map(command), kubevirtFlags, { modfile, cgo: true });
      });
      const source = join(await moduleFolder('kubevirt.io/kubevirt'), 'cmd/container-disk-v2alpha/main.c');
      await run('gcc', ['-static', '-O2', '-o', join(BINARIES, 'container-disk'), source]);
    },
  );

const command = (name: string): string => `kubevirt.io/kubevirt/cmd/${name}`;

/** Where the module cache has a module that KubeVirt's build uses. */
export async function moduleFolder(name: string): Promise<string> {
  await go(['mod', 'download', name], join(HERE, 'kubevirt'));
  const out = await run('go', ['list', '-m', '-f', '{{.Dir}}', name], { cwd: join(HERE, 'kubevirt') });
  return out.trim();
}

export async function kindSources(): Promise<string> {
  const out = await run('go', ['mod', 'download', '-json', `sigs.k8s.io/kind@${KIND}`], { cwd: WORK });
  return (JSON.parse(out) as { Dir: string }).Dir;
}

/**
 * What Debian's libvirt 9.0 and QEMU 7.2 cannot do, taken out of a copy of the Go binding: the parameter that libvirt knows since 10.9, which
 * KubeVirt sets whenever a disk is copied; and parallel migration, as a QEMU before 8.0 takes whichever connection comes first for the main one.
 */
const patches: readonly (readonly [string | RegExp, string])[] = [
  [/\t\tC\.VIR_MIGRATE_PARAM_MIGRATE_DISKS_DETECT_ZEROES: typedParamsFieldInfo\{[^}]*\},\n/, ''],
  [/\t\tC\.VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS: typedParamsFieldInfo\{[^}]*\},\n/, ''],
  ['DomainMigrateFlags(C.VIR_MIGRATE_PARALLEL)', 'DomainMigrateFlags(0)'],
];

async function withOwnBinding(): Promise<string> {
  const folder = join(WORK, 'libvirt-go');
  rmSync(folder, { recursive: true, force: true });
  cpSync(await moduleFolder('libvirt.org/go/libvirt'), folder, { recursive: true });
  await run('chmod', ['-R', 'u+w', folder]);
  const file = join(folder, 'domain.go');
  let text = readFileSync(file, 'utf8');
  for (const [what, by] of patches) {
    const patched = text.replace(what, by);
    if (patched === text)
      throw new Error(`${file} has no ${what}: mend the patches in hack/kind/binaries.ts`);
    text = patched;
  }
  writeFileSync(file, text);
  const modfile = join(WORK, 'kubevirt.mod');
  cpSync(join(HERE, 'kubevirt/go.mod'), modfile);
  cpSync(join(HERE, 'kubevirt/go.sum'), join(WORK, 'kubevirt.sum'));
  await run('go', ['mod', 'edit', '-replace', `libvirt.org/go/libvirt=${folder}`, modfile], { cwd: WORK });
  return modfile;
}

function kubernetesFlags(): string {
  const minor = KUBERNETES.split('.')[1];
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const values = packages.flatMap((it) => [
    `-X ${it}.gitVersion=${KUBERNETES}`,
    `-X ${it}.gitMajor=1 -X ${it}.gitMinor=${minor}`,
  ]);
  return `-s -w ${values.join(' ')}`;
}

const version = 'kubevirt.io/client-go/version';
const kubevirtFlags = `-s -w -X ${version}.gitVersion=${KUBEVIRT} -X ${version}.gitCommit=${KUBEVIRT} -X ${version}.gitTreeState=clean`;

async function build(
  module: string,
  packages: readonly string[],
  flags: string,
  { modfile, cgo = false }: { modfile?: string; cgo?: boolean } = {},
): Promise<void> {
  const options = modfile === undefined ? [] : ['-modfile', modfile];
  await go(['build', ...options, '-ldflags', flags, '-o', `${BINARIES}/`, ...packages], join(HERE, module), {
    CGO_ENABLED: cgo ? '1' : '0',
  });
}

const install = (what: string, into: string) =>
  go(['install', '-ldflags', '-s -w', what], WORK, { GOBIN: into });

async function go(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<void> {
  if (!existsSync(BINARIES)) mkdirSync(BINARIES, { recursive: true });
  await run('go', args, { cwd, env: { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', ...env } });
}
