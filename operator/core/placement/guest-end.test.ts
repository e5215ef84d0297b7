import { describe, expect, test } from 'vitest';
import { type EndingPod, hasEnded } from './guest-end.ts';

const running = { state: { running: {} } };
const terminated = { state: { terminated: {} } };
const waiting = { state: {} };
const collected = [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC' }];
const evicted = [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }];

function pod(status: EndingPod['status'], { deleting = false, bound = true } = {}): EndingPod {
  return {
    metadata: deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {},
    spec: bound ? { nodeName: 'a' } : {},
    status,
  };
}

describe('the end of a guest’s pod is certain', () => {
  test.each<[string, EndingPod]>([
    ['when the kubelet says so', pod({ phase: 'Succeeded', containerStatuses: [terminated] })],
    ['when the kubelet refused it', pod({ phase: 'Failed' })],
    ['when it was deleted before it started', pod({ phase: 'Failed', containerStatuses: [waiting] })],
    [
      'when it was evicted and the kubelet says so',
      pod({ phase: 'Failed', conditions: evicted, containerStatuses: [terminated] }),
    ],
    [
      'when the collector was first and the kubelet came back',
      pod({ phase: 'Failed', conditions: collected, containerStatuses: [terminated] }),
    ],
    ['when it is deleted and was never bound', pod({ phase: 'Pending' }, { deleting: true, bound: false })],
  ])('%s', (_, ended) => expect(hasEnded(ended)).toBe(true));
});

describe('it is not', () => {
  test.each<[string, EndingPod]>([
    ['while it runs', pod({ phase: 'Running', containerStatuses: [running] })],
    ['because it is being deleted, by force or not', pod({ phase: 'Running' }, { deleting: true })],
    ['because it waits to be bound', pod({ phase: 'Pending' }, { bound: false })],
    [
      'by the collector’s word',
      pod({ phase: 'Failed', conditions: collected, containerStatuses: [running] }, { deleting: true }),
    ],
    [
      'by the collector’s word on a pod that was never reported on',
      pod({ phase: 'Failed', conditions: collected }),
    ],
    [
      'by a phase that the containers deny',
      pod({ phase: 'Failed', containerStatuses: [terminated, running] }),
    ],
    ['without a status', pod(undefined)],
  ])('%s', (_, open) => expect(hasEnded(open)).toBe(false));
});
