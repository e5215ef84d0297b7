import { expect, test } from 'vitest';
import type { ComputeNode } from '#api/computenode.ts';
import { whyLost } from './lost.ts';

const node = (status: ComputeNode['status'], fenced?: { reason: string }) =>
  ({ metadata: { name: 'node-1' }, spec: { ...(fenced && { fenced }) }, status }) as ComputeNode;

test.each<[string, ComputeNode | undefined, string | undefined]>([
  ['one that is not known', undefined, undefined],
  ['one that is Up', node({ state: 'Up', stateReason: 'Reporting' }), undefined],
  [
    'a kubelet that says that it is not ready',
    node({ state: 'Down', stateReason: 'NodeNotReady' }),
    undefined,
  ],
  [
    'a virt-handler that is updated',
    node({ state: 'Down', stateReason: 'KubeVirtNotSchedulable' }),
    undefined,
  ],
  [
    'a kubelet that is silent',
    node({ state: 'Down', stateReason: 'NodeUnreachable', stateMessage: 'the kubelet stopped reporting' }),
    'node-1 is Down: the kubelet stopped reporting',
  ],
  [
    'a virt-handler that has been silent for minutes',
    node({ state: 'Down', stateReason: 'HeartbeatStale', stateMessage: 'virt-handler has not reported' }),
    'node-1 is Down: virt-handler has not reported',
  ],
  [
    'one that somebody says is off',
    node({ state: 'Down', stateReason: 'NodeNotReady' }, { reason: 'power cut' }),
    'node-1 is Down: power cut',
  ],
])('%s', (_, given, said) => {
  expect(whyLost(given)).toBe(said);
});
