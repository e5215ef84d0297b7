import { expect, test } from 'vitest';
import { askerOf, requesterOf } from './requested-by.ts';
import { BUILT, view } from './test-views.ts';

const CHANGED_BY = 'compute.berth.dev/changed-by';
const changedBy = (said: string, spec = {}) =>
  view({ annotations: { [CHANGED_BY]: said }, status: BUILT, spec }).instance; // of generation 1

test('what the spec asks for was asked for by whoever changed it last', () => {
  expect(askerOf(changedBy('1:alice'), 'Stop')).toBe('alice');
  expect(askerOf(changedBy('1:system:serviceaccount:argocd:controller'), 'Create')).toBe(
    'system:serviceaccount:argocd:controller',
  );
});

test('nobody is named where admission did not see the last change, nor for what nobody asked for', () => {
  expect(askerOf(changedBy('0:alice'), 'Stop')).toBeUndefined();
  expect(askerOf(changedBy('11:alice'), 'Stop')).toBeUndefined();
  expect(askerOf(changedBy('alice'), 'Stop')).toBeUndefined();
  expect(askerOf(view().instance, 'Stop')).toBeUndefined();
  expect(askerOf(changedBy('1:alice'), 'ConfirmResize')).toBeUndefined();
  expect(askerOf(changedBy('1:alice'), 'Delete')).toBeUndefined();
  expect(askerOf(changedBy('1:alice'), 'Start')).toBeUndefined(); // it runs as asked: KubeVirt starts it anew
});

test('an object was asked for by whoever made it; a name that is too long is cut off', () => {
  const by = (user: string) =>
    requesterOf(view({ annotations: { 'compute.berth.dev/requested-by': user } }).instance);
  expect(by('bob')).toBe('bob');
  expect(by('x'.repeat(300))).toHaveLength(256);
  expect(by('')).toBeUndefined();
});
