import { describe, expect, test } from 'vitest';
import type { OperationRequest } from './request.ts';
import { requestStanding } from './request-status.ts';
import { BUILT, view } from './test-views.ts';

const requestId = 'req-11111111-2222-4333-8444-555555555555';
const request: OperationRequest = {
  kind: 'InstanceAction',
  name: 'reboot-1',
  uid: 'reboot-1-uid',
  requestId,
  operation: 'HardReboot',
  cancelled: false,
  requestedBy: undefined,
};
const [startTime, finishTime] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:09Z'];
const now = new Date('2026-01-02T00:00:00Z');

/** What the Instance knows of it: no more than that it ended. */
const { instance } = view({
  status: { ...BUILT, rememberedRequests: [{ requestId, result: 'Failed', finishTime }] },
});
const standing = (before: Parameters<typeof requestStanding>[2]['before']) =>
  requestStanding(request, instance, { before, now });

describe('once the Instance knows only how it ended', () => {
  test('what was told of it stays told', () => {
    const told = {
      reason: 'Failed',
      message: 'the guest is deaf',
      startTime,
      finishTime,
      nodeName: 'node-1',
    };
    expect(standing({ phase: 'Failed', requestId, ...told })).toMatchObject({ phase: 'Failed', ...told });
  });

  test('an object that is applied anew is told of the end, and not carried out again', () => {
    const again = { phase: 'Failed', message: 'it was carried out before', finishTime };
    expect(standing(undefined)).toMatchObject(again);
    expect(standing({ phase: 'Pending' })).toMatchObject(again);
  });

  test('a refusal of the same moment gives way', () => {
    expect(standing({ phase: 'Refused', reason: 'OperationInProgress', message: 'busy' }).phase).toBe(
      'Failed',
    );
  });
});
