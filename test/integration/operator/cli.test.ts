import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMPUTE_NODE } from '#api/computenode.ts';
import { API_VERSION } from '#api/constants.ts';
import { Berth, EPHEMERAL } from '#test/berth.ts';

/** kubectl berth, as its users run it: a process with a kubeconfig, on a cluster with Instances. */
const MAIN = join(import.meta.dirname, '../../../cli/main.ts');

let berth: Berth;
let home: string;

const logFile = () => join(berth.cluster.dir, 'operator.log');

interface Answer {
  code: number;
  out: string;
  err: string;
}

function cli(...words: string[]): Promise<Answer> {
  const env = { ...process.env, KUBECONFIG: join(berth.cluster.dir, 'kubeconfig') };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...words], { env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err }),
    );
  });
}

const ok = async (...words: string[]): Promise<string> => {
  const { code, out, err } = await cli(...words);
  expect(code, `${words.join(' ')}: ${out}${err}`).toBe(0);
  return out;
};

beforeAll(async () => {
  berth = await Berth.start({ fleetNodes: 3, fleetZones: 1 });
  await berth.operator('cli', ['--log-file', logFile()]);
  await berth.create('web-1', EPHEMERAL);
  home = (await berth.active('web-1')).status?.nodeName ?? '';
});
afterAll(() => berth?.stop());

describe('looks', () => {
  test('list, show, explain', async () => {
    expect(await ok('list')).toMatch(/^NAME +FLAVOR +STATE .*\nweb-1 +tiny +Active +- +Running +node-00\d/);
    expect(JSON.parse(await ok('list', '-A', '-o', 'json')).items).toHaveLength(1);
    expect(await ok('show', 'web-1')).toMatch(
      new RegExp(`State: +Active\\n[\\s\\S]*Node: +${home}\\n[\\s\\S]*Create +Succeeded`),
    );
    const why = await ok('explain', 'web-1');
    expect(why).toContain(`${home} was chosen among 3 of 3 hosts that fit, with 2 alternates`);
    expect(why).toMatch(/ResourceFit +3 +-\n/);
    expect(why).toMatch(/RAMWeigher +\d+ +1 +1 +1\n/);
  });

  test('why not there: every filter’s word', async () => {
    const other = ['node-001', 'node-002', 'node-003'].find((node) => node !== home) ?? '';
    expect(await ok('why-not', 'web-1', other)).toMatch(new RegExp(`^${other}: Fits, place [12] by weight`));
    const spec = { disabled: true, disabledReason: 'its fan is loud' };
    await berth.client.patch(COMPUTE_NODE, other, { spec }, { type: 'merge' });
    expect(await ok('service', 'list')).toMatch(new RegExp(`${other} +\\S+ +Disabled +Up .*its fan is loud`));
    const refused = await ok('why-not', 'web-1', other);
    expect(refused).toMatch(new RegExp(`^${other}: Refused`));
    expect(refused).toMatch(/ComputeFilter +Disabled +its fan is loud/);
    const enabled = { disabled: false, disabledReason: null };
    await berth.client.patch(COMPUTE_NODE, other, { spec: enabled }, { type: 'merge' });
  });

  test('a probe of a file, and what more fits', async () => {
    const file = join(berth.cluster.dir, 'instance.json');
    const instance = {
      apiVersion: API_VERSION,
      kind: 'Instance',
      metadata: { name: 'would-be' },
      spec: { flavorRef: { name: 'tiny' }, image: { containerDisk: 'quay.io/containerdisks/fedora:41' } },
    };
    await writeFile(file, JSON.stringify(instance));
    expect(await ok('probe', '-f', file)).toMatch(/Hosts: +3\nFits on: +3\n/);
    await writeFile(
      file,
      JSON.stringify({ ...instance, spec: { ...instance.spec, availabilityZone: 'mars' } }),
    );
    const nowhere = await cli('probe', '-f', file);
    expect(nowhere.code).toBe(1);
    expect(nowhere.out).toMatch(/Fits on: +0\n[\s\S]*AvailabilityZoneFilter +0 +OtherZone 3/);
    expect(await ok('capacity', '--flavor', 'tiny')).toMatch(/tiny +1 +1Gi +\d+ +zone-a \d+/);
  });

  test('hypervisors, and who holds a place on one', async () => {
    expect(await ok('hypervisor', 'list')).toMatch(new RegExp(`${home} +Up +1 `));
    const shown = await ok('hypervisor', 'show', home);
    expect(shown).toMatch(/State: +Up \(\w+\), for /);
    expect(shown).toMatch(/default\/web-1 +Instance +1 +1024 /);
  });
});

describe('does', () => {
  test('stop and start, waited for with progress', async () => {
    const { out, err, code } = await cli('stop', 'web-1', '--wait');
    expect({ out, code }).toMatchObject({
      out: expect.stringMatching(/is Stopped; last: Stop Succeeded/),
      code: 0,
    });
    expect(err).toMatch(/^(Berth looks at it|Stop, PoweringOff: .+)$/m);
    expect(await ok('start', 'web-1', '-w')).toContain('is Active; last: Start Succeeded');
    expect((await cli('start', 'web-1', '-w')).err).toContain('is to be so already');
  });

  test('a live migration, waited for; its Events and log lines by request id', async () => {
    const out = await ok('live-migrate', 'web-1', '--wait');
    const [, requestId = ''] = out.match(/\((req-[-0-9a-f]+)\)/) ?? [];
    expect(out).toMatch(/^instancemigration\/web-1-live-migrate-\w+ Succeeded/);
    expect(await ok('events', requestId)).toMatch(/Normal +\w+ +Instance\/web-1 /);
    const lines = (await ok('logs', requestId, '--file', logFile())).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).requestId)).toEqual(lines.map(() => requestId));
    const nowhere = await cli('logs', requestId);
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('no pods of Berth in namespace') });
  });

  test('what is refused says why, and the exit code tells', async () => {
    const { code, out } = await cli('confirm', 'web-1', '--wait');
    expect(code).toBe(1);
    expect(out).toMatch(/Refused: \w+: .*Active/);
  });

  test('volumes and networks: a list of the spec, changed as a whole', async () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const file = join(berth.cluster.dir, 'claim.json');
    await writeFile(file, JSON.stringify(claim));
    await berth.cluster.kubectl('apply', '-f', file);
    expect(await ok('add-volume', 'web-1', 'data', '--as', 'disk-1', '-w')).toContain(
      'AttachVolume Succeeded',
    );
    const { volumes } = (await berth.get('web-1')).spec;
    expect(volumes?.map(({ name, pvc }) => [name, pvc?.name])).toEqual([['disk-1', 'data']]);
    const { code, err } = await cli('remove-volume', 'web-1', 'disk-2');
    expect({ code, err }).toEqual({ code: 2, err: 'error: there is no volume disk-2: there is disk-1\n' });
    expect(await ok('remove-volume', 'web-1', 'disk-1', '-w')).toContain('DetachVolume Succeeded');
    await ok('add-network', 'web-1', 'storage');
    expect((await berth.get('web-1')).spec.networks?.map(({ name }) => name)).toEqual(['default', 'storage']);
    await ok('remove-network', 'web-1', 'storage');
    expect((await berth.get('web-1')).spec.networks?.map(({ name }) => name)).toEqual(['default']);
  });

  test('what is under way is given up', async () => {
    expect((await cli('cancel', 'web-1')).err).toContain('nothing is asked of web-1 that could be cancelled');
    await berth.fleet.addFault({ kind: 'migration-stall', match: 'default/web-1' });
    await ok('live-migrate', 'web-1');
    await berth.until('web-1', ({ status }) => status?.taskState === 'Migrating');
    expect(await ok('cancel', 'web-1')).toMatch(
      /^instancemigration\/web-1-live-migrate-\w+ is to be cancelled/,
    );
    await berth.active('web-1');
    await berth.fleet.clearFaults();
  });

  test('resize and revert', async () => {
    await berth.create('db-1', {});
    await berth.active('db-1');
    await berth.flavor('bigger', { vcpus: 2, memory: '2Gi', rootDisk: '10Gi' });
    expect(await ok('resize', 'db-1', 'bigger', '--wait')).toContain('db-1 is Resized');
    expect(await ok('revert', 'db-1', '--wait')).toContain('Succeeded');
    expect(await ok('show', 'db-1')).toMatch(/Flavor: +tiny\n/);
  });
});

describe('mistakes say what to do', () => {
  test.each([
    [['shwo'], 'no such command: shwo'],
    [['service'], 'no such command: service: is it service list?'],
    [['show'], 'usage: kubectl berth show INSTANCE'],
    [['show', 'nobody'], 'there is no Instance nobody in namespace default'],
    [['list', '-o', 'xml'], '--output xml: give json, yaml or wide'],
    [['list', '--colour'], "Unknown option '--colour'"],
    [['stop', 'web-1', '--timeout', 'soon'], '--timeout soon: give seconds'],
    [['list', '--context', 'moon'], 'there is no context moon'],
    [['probe', '-f', '/nowhere.yaml'], 'no such file'],
    [['hypervisor', 'show', 'node-9'], 'there is no ComputeNode node-9'],
  ])('%j', async (words, said) => {
    const { code, err } = await cli(...words);
    expect(err).toContain(said);
    expect(code).toBe(2);
  });

  test('help, of all and of one; completion is a script that bash takes', async () => {
    expect(await ok('help')).toMatch(/live-migrate INSTANCE +move it to another node while it runs/);
    expect(await ok('reboot', '--help')).toContain('--hard');
    const script = join(berth.cluster.dir, 'completion.bash');
    await writeFile(script, await ok('completion', 'bash'));
    const complete = `source ${script}; COMP_WORDS=(kubectl-berth hypervisor ""); COMP_CWORD=2; _kubectl_berth; echo "\${COMPREPLY[*]}"`;
    const words = await new Promise<string>((resolve) =>
      execFile('bash', ['-c', complete], (_error, out) => resolve(out)),
    );
    expect(words.trim()).toBe('list show');
  });
});
