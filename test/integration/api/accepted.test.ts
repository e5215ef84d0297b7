import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '#api/kinds.ts';
import { quantityBytes } from '#api/quantity.ts';
import { Api, type Draft, definitionOf, repository } from './api.ts';
import { draft, KINDS_WITH_DRAFT } from './drafts.ts';
import { GOOD } from './good-objects.ts';
import { TAKEN_TRANSITIONS } from './transitions.ts';
import { zodComplaints } from './zod-verdict.ts';

const samplesFolder = join(repository, 'config/samples');
const samples = await readSamples();

let api: Api;
beforeAll(async () => {
  api = await Api.start();
});
afterAll(() => api?.stop());

describe('a good object is taken', () => {
  it.each(KINDS_WITH_DRAFT)('%s, all fields given', async (kind) => {
    const answer = await api.tryCreate(draft(kind));
    expect(answer).toMatchObject({ kind: 'taken', object: { spec: draft(kind).spec } });
    expect(zodComplaints(draft(kind))).toEqual([]);
  });

  it.each(GOOD)('$object.kind: $what', async ({ object }) => {
    expect(await api.tryCreate(object)).toMatchObject({ kind: 'taken' });
    expect(zodComplaints(object)).toEqual([]);
  });

  it('of every kind there is', () => {
    expect(KINDS_WITH_DRAFT.toSorted()).toEqual(KINDS.map(({ kind }) => kind).toSorted());
  });
});

describe('defaults', () => {
  const bare: [string, object, object][] = [
    [
      'Instance',
      { flavorRef: { name: 'small' }, image: { containerDisk: 'registry.example/fedora' } },
      {
        rootDisk: { ephemeral: false },
        powerState: 'Running',
        resizePolicy: 'Cold',
        shelved: false,
        locked: false,
        deletionProtection: false,
      },
    ],
    ['Flavor', { vcpus: 1, memory: '1Gi' }, { rootDisk: '0', ephemeralDisk: '0', swap: '0' }],
    ['ComputeNode', {}, { disabled: false }],
    ['NodeLedger', {}, { claims: [] }],
  ];

  it.each(bare)('of %s are filled in by the API server, and the same by zod', async (kind, spec, filled) => {
    const answer = await api.tryCreate({ ...draft(kind), spec });
    expect(answer).toMatchObject({ kind: 'taken', object: { spec: { ...spec, ...filled } } });
    const stored = answer.kind === 'taken' ? answer.object.spec : undefined;
    expect(stored).toEqual({ ...spec, ...filled });
    expect(definitionOf(kind).spec.parse(spec)).toEqual(stored);
  });
});

describe('a change that may be is taken', () => {
  it.each(TAKEN_TRANSITIONS.map((it, index) => ({ ...it, name: `changed-${index}` })))(
    '$kind: $what',
    async ({ kind, name, before, change }) => {
      const stored = draft(kind, before, name);
      expect(await api.create(stored)).toMatchObject({ kind: 'taken' });
      expect(await api.tryPatch(stored, { spec: change })).toMatchObject({ kind: 'taken' });
    },
  );

  it('Flavor: a label and a status', async () => {
    const stored = draft('Flavor', {}, 'labelled');
    expect(await api.create(stored)).toMatchObject({ kind: 'taken' });
    const labelled = await api.tryPatch(stored, { metadata: { labels: { size: 'm' } } });
    expect(labelled).toMatchObject({ kind: 'taken', object: { metadata: { labels: { size: 'm' } } } });
    const judged = await api.tryPatch(stored, { status: { observedGeneration: 1 } }, 'status');
    expect(judged).toMatchObject({ kind: 'taken', object: { status: { observedGeneration: 1 } } });
  });
});

describe('the samples', () => {
  it('are three Flavors, a KeyPair, a SchedulerProfile, three probes, two Images and nine Instances, of which one is too large for 16 CPUs and 64Gi', () => {
    const count = (kind: string) => samples.filter((it) => it.kind === kind).length;
    expect([count('Flavor'), count('KeyPair'), count('Instance'), samples.length]).toEqual([3, 1, 9, 20]);
    expect([count('SchedulerProfile'), count('Image')]).toEqual([1, 2]);
    expect([count('PlacementProbe'), count('ClusterPlacementProbe')]).toEqual([2, 1]);
    const fits = (flavor: string) => flavors.some((it) => it.name === flavor && it.fits);
    const flavors = samples
      .filter((it) => it.kind === 'Flavor')
      .map(({ metadata, spec }) => ({ name: metadata.name, fits: fitsOneNode(spec) }));
    const tooLarge = samples.filter((it) => it.kind === 'Instance' && !fits(flavorOf(it)));
    expect(tooLarge.map(({ metadata }) => metadata.name)).toEqual(['giant-1']);
  });

  it.each(samples.map((it) => [it.kind, it.metadata.name, it] as const))(
    '%s %s is valid for zod',
    (_, __, it) => {
      expect(zodComplaints(it)).toEqual([]);
    },
  );

  it('are applied in one go, and change nothing the second time', async () => {
    const apply = async () => {
      const output = await api.cluster.kubectl('apply', '-f', samplesFolder);
      return output
        .trim()
        .split('\n')
        .map((line) => line.split(' ').at(-1));
    };
    expect(await apply()).toEqual(samples.map(() => 'created'));
    expect(await apply()).toEqual(samples.map(() => 'unchanged'));
  });

  it('are found by category and by short names', async () => {
    const names = (kind: string) => api.cluster.kubectl('get', kind, '-n', 'default', '-o', 'name');
    expect(await names('berth')).toContain('instance.compute.berth.dev/web-1');
    expect(await names('inst')).toContain('instance.compute.berth.dev/web-1');
    expect(await names('kp')).toContain('keypair.compute.berth.dev/demo');
    expect(await names('flv')).toContain('flavor.compute.berth.dev/small');
  });
});

async function readSamples(): Promise<Draft[]> {
  const files = (await readdir(samplesFolder)).filter((name) => name.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(samplesFolder, name), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((it): Draft => it.toJS()));
}

function flavorOf({ spec }: Draft): string {
  return (spec as { flavorRef: { name: string } }).flavorRef.name;
}

function fitsOneNode(spec: unknown): boolean {
  const { vcpus, memory } = spec as { vcpus: number; memory: string };
  return vcpus <= 16 && quantityBytes(memory) <= quantityBytes('64Gi');
}
