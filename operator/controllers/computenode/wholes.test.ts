import { expect, test } from 'vitest';
import type { Node, Pod } from '#adapters/kubernetes/types.ts';
import { deviceTotals, pageTotals } from './wholes.ts';

const GPU = 'example.com/gpu';
const node = {
  metadata: { name: 'node-1' },
  status: {
    allocatable: { [GPU]: '4', 'example.com/nic': '0', 'hugepages-2Mi': '64Mi', 'hugepages-1Gi': '3Gi' },
  },
} as unknown as Node;

function pod(...containers: Record<string, string>[]): Pod {
  const asking = containers.map((requests) => ({ resources: { requests } }));
  return { metadata: { name: 'other' }, spec: { containers: asking } } as unknown as Pod;
}

test('devices are those that are permitted and offered, less those of other pods', () => {
  expect(deviceTotals(node, [], [GPU, 'example.com/nic', 'example.com/key'])).toEqual({ [GPU]: 4 });
  expect(deviceTotals(node, [], [])).toEqual({});
  expect(deviceTotals(node, [pod({ [GPU]: '1' }, { [GPU]: '2', cpu: '1' }), pod({})], [GPU])).toEqual({
    [GPU]: 1,
  });
});

test('a node that lost devices has none free', () => {
  expect(deviceTotals(node, [pod({ [GPU]: '9' })], [GPU])).toEqual({ [GPU]: 0 });
});

test('huge pages are counted in pages', () => {
  expect(pageTotals(node, [pod({ 'hugepages-2Mi': '4Mi' })])).toEqual({
    'hugepages-2Mi': 30,
    'hugepages-1Gi': 3,
  });
});
