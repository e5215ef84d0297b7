import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostState } from '../host-state.ts';
import { NO_RESOURCES } from '../resources.ts';
import { anyHost, anyResources } from '../testing/arbitraries.ts';
import { host, inventory, resources } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { resourceFit } from './resource-fit.ts';

function fits(asked: Partial<HostState>, ask: Parameters<typeof resources>[0]) {
  return judge(resourceFit, asking({ resources: resources(ask) }), host('node-1', asked))[0];
}

describe('a host fits', () => {
  test('up to (total - reserved) * ratio, what is used counted in', () => {
    const vcpus = inventory(8, { reserved: 2, allocationRatio: 4, used: 20 });
    expect(fits({ vcpus }, { vcpus: 4 })).toBe('passes');
    expect(fits({ vcpus }, { vcpus: 5 })).toBe('InsufficientVcpus');
  });

  test('never more than its total, whatever the ratio', () => {
    const vcpus = inventory(8, { allocationRatio: 16 });
    expect(fits({ vcpus }, { vcpus: 8 })).toBe('passes');
    expect(fits({ vcpus }, { vcpus: 9 })).toBe('VcpusAboveTotal');
    expect(fits({ memoryMiB: inventory(64, { allocationRatio: 2 }) }, { memoryMiB: 65 })).toBe(
      'MemoryAboveTotal',
    );
    expect(fits({ diskGiB: inventory(10, { allocationRatio: 2 }) }, { diskGiB: 11 })).toBe('DiskAboveTotal');
  });

  test('with a fraction reserved as with the next whole number', () => {
    const vcpus = inventory(8, { reserved: 1.25 });
    expect(fits({ vcpus }, { vcpus: 6 })).toBe('passes');
    expect(fits({ vcpus }, { vcpus: 7 })).toBe('InsufficientVcpus');
  });

  test('with dedicated CPUs taken off before the ratio: those that are held, and those that are asked', () => {
    const vcpus = inventory(8, { allocationRatio: 4, used: 16 });
    expect(fits({ vcpus, dedicatedCpus: 2 }, { vcpus: 8 })).toBe('passes');
    expect(fits({ vcpus, dedicatedCpus: 2 }, { vcpus: 0, dedicatedCpus: 2 })).toBe('passes');
    expect(fits({ vcpus, dedicatedCpus: 2 }, { vcpus: 0, dedicatedCpus: 3 })).toBe('InsufficientVcpus');
    expect(fits({ vcpus: inventory(8, { allocationRatio: 4 }) }, { vcpus: 0, dedicatedCpus: 9 })).toBe(
      'VcpusAboveTotal',
    );
  });

  test('with KubeVirt’s overhead taken off before the ratio, of the claims there are and of the one asked', () => {
    const memoryMiB = inventory(1000, { allocationRatio: 1.5 });
    const overheadMiB = 200;
    expect(fits({ memoryMiB, overheadMiB }, { memoryMiB: 900, overheadMiB: 200 })).toBe('passes');
    expect(fits({ memoryMiB, overheadMiB }, { memoryMiB: 901, overheadMiB: 200 })).toBe('InsufficientMemory');
    expect(fits({ memoryMiB, overheadMiB }, { memoryMiB: 900, overheadMiB: 201 })).toBe('InsufficientMemory');
  });

  test('when it is over-committed already, only for what is not asked for', () => {
    const vcpus = inventory(8, { used: 20 });
    expect(fits({ vcpus }, { vcpus: 0 })).toBe('passes');
    expect(fits({ vcpus }, { vcpus: 1 })).toBe('InsufficientVcpus');
  });

  test('when disk is short, and says so', () => {
    expect(fits({ diskGiB: inventory(100, { used: 95 }) }, { diskGiB: 6 })).toBe('InsufficientDisk');
  });
});

test('an Instance that holds its claim already asks for nothing', () => {
  expect(judge(resourceFit, asking({ resources: NO_RESOURCES }), host('node-1'))).toBe('skip');
});

test('what is missing is whole, and the distance is its share of what is asked', () => {
  const state = host('node-1', {
    vcpus: inventory(8, { reserved: 1.5, used: 5 }),
    memoryMiB: inventory(16384, { used: 14336 }),
  });
  const request = asking({ resources: resources({ vcpus: 4, memoryMiB: 4096 }) });
  const prepared = preparedFor(resourceFit, request, state);
  expect(prepared.shortfalls?.(0)).toEqual([
    { resource: 'vcpus', missing: 3, unit: 'vCPU' },
    { resource: 'memory', missing: 2048, unit: 'MiB' },
  ]);
  expect(prepared.distance?.(0)).toBe(3 / 4 + 1 / 2);
});

test('for any host and ask: it fits exactly when nothing is missing', () => {
  fc.assert(
    fc.property(anyHost, anyResources, (state, ask) => {
      const request = asking({ resources: ask });
      fc.pre(judge(resourceFit, request, state) !== 'skip');
      const prepared = preparedFor(resourceFit, request, state);
      expect(prepared.check(0) === 0).toBe(prepared.shortfalls?.(0).length === 0);
    }),
  );
});

test('for any host that is short: what is missing, added to its total, makes it fit at ratio 1', () => {
  fc.assert(
    fc.property(anyHost, anyResources, (state, ask) => {
      const request = asking({ resources: { ...ask, memoryMiB: 0, overheadMiB: 0, diskGiB: 0 } });
      const plain = { ...state, vcpus: { ...state.vcpus, allocationRatio: 1 } };
      fc.pre(ask.vcpus > 0 && judge(resourceFit, request, plain)[0] !== 'passes');
      const [{ missing } = { missing: 0 }] = preparedFor(resourceFit, request, plain).shortfalls?.(0) ?? [];
      const grown = (by: number) => ({ ...plain, vcpus: { ...plain.vcpus, total: plain.vcpus.total + by } });
      expect(judge(resourceFit, request, grown(missing))).toEqual(['passes']);
      expect(judge(resourceFit, request, grown(missing - 1))).not.toEqual(['passes']);
    }),
  );
});
