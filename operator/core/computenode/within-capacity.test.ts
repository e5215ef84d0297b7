import { expect, test } from 'vitest';
import { withinCapacity } from './within-capacity.ts';

test('what fits, to the last unit', () => {
  expect(withinCapacity({ vcpus: 0, memoryMiB: 5, diskGiB: 0 })).toMatchObject({
    status: 'True',
    reason: 'Fits',
  });
});

test('by how much it does not', () => {
  expect(withinCapacity({ vcpus: -3, memoryMiB: 5, diskGiB: -20 })).toMatchObject({
    status: 'False',
    reason: 'Overcommitted',
    message: expect.stringContaining('3 vCPUs, 20 GiB of disk more claimed than there is'),
  });
});
