import { expect, test } from 'vitest';
import { cutNote, type EventText, seriesKey } from './events.ts';

const object = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
};
const text: EventText = { type: 'Normal', reason: 'NoValidHost', action: 'Schedule', note: '3 of 5 nodes' };
const key = (change: Partial<EventText>) => seriesKey(object, { ...text, ...change });

test('a repetition with other figures is the same event', () => {
  expect(key({ note: '4 of 6 nodes, 1.5 GiB short' })).toBe(key({ note: '3 of 5 nodes, 2 GiB short' }));
});

test('a name with a number in it makes another event', () => {
  expect(key({ note: 'chose node-1' })).not.toBe(key({ note: 'chose node-2' }));
  expect(key({ note: 'vm1 is up' })).not.toBe(key({ note: 'vm2 is up' }));
});

test('another reason, action or type makes another event', () => {
  const keys = new Set([key({}), key({ reason: 'X' }), key({ action: 'X' }), key({ type: 'Warning' })]);
  expect(keys.size).toBe(4);
});

test('a note is cut at 1024 bytes, not within a character', () => {
  expect(cutNote('short')).toBe('short');
  const cut = cutNote('ä'.repeat(1000));
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(1024);
  expect(cut).toMatch(/^ä+\.\.\.$/);
});
