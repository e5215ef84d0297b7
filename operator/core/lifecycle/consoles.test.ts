import { expect, test } from 'vitest';
import { consolesOf } from './consoles.ts';
import { guest, view } from './test-views.ts';

const { instance } = view();

test('a guest that is on says how to reach its consoles', () => {
  const consoles = consolesOf(instance, guest());
  expect(consoles?.serial.command).toBe('virtctl console web-1 --namespace default');
  expect(consoles?.vnc).toEqual({
    command: 'virtctl vnc web-1 --namespace default',
    path: '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web-1/vnc',
  });
  expect(consolesOf(instance, guest({ power: 'paused' }))).toEqual(consoles);
});

test.each(['absent', 'starting', 'succeeded', 'failed', 'unknown'] as const)(
  'one that is %s has none',
  (power) => {
    expect(consolesOf(instance, guest({ power }))).toBeUndefined();
  },
);
