import { expect, test } from 'vitest';
import { likeKey } from './request-spec.ts';
import { resources } from './testing/hosts.ts';

test('requests are alike whoever they are for and whatever they drew or are tied to', () => {
  const request = { resources: resources(), availabilityZone: 'zone-a' };
  expect(likeKey({ ...request, ownerUid: 'one', draw: 0.1, ties: { onlyHosts: [] } })).toBe(
    likeKey({ ...request, ownerUid: 'two' }),
  );
});

test('requests that a filter could tell apart are not', () => {
  const request = { resources: resources() };
  const others = [
    { resources: resources({ overheadMiB: 1 }) },
    { ...request, availabilityZone: 'zone-a' },

    { ...request, group: { policy: 'affinity' as const } },
  ];
  expect(new Set([request, ...others].map(likeKey)).size).toBe(4);
});
