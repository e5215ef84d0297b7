import { expect, test } from 'vitest';
import { host } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { computeFilter } from './compute.ts';

const down = host('down', { up: false, downReason: 'HeartbeatStale' });
const disabled = host('disabled', { disabled: true, disabledReason: 'replacing DIMM 3' });
const both = host('both', { up: false, downReason: 'NodeNotReady', disabled: true, disabledReason: 'moved' });

test('a host must be up and enabled; one that is down is down before it is disabled', () => {
  expect(judge(computeFilter, asking(), host('fine'), down, disabled, both)).toEqual([
    'passes',
    'Down',
    'Disabled',
    'Down',
  ]);
});

const emptied = host('emptied', { maintenance: { reason: 'new firmware' }, disabled: true });

test('one in maintenance says so, also when it is disabled', () => {
  expect(judge(computeFilter, asking(), emptied)).toEqual(['Maintenance']);
  expect(preparedFor(computeFilter, asking(), emptied).detail?.(0)).toBe('new firmware');
});

test('the detail is the node’s own reason, or the operator’s words', () => {
  expect(preparedFor(computeFilter, asking(), down).detail?.(0)).toBe('HeartbeatStale');
  expect(preparedFor(computeFilter, asking(), disabled).detail?.(0)).toBe('replacing DIMM 3');
  expect(preparedFor(computeFilter, asking(), both).detail?.(0)).toBe('NodeNotReady');
});
