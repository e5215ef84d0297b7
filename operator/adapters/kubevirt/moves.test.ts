import { expect, test } from 'vitest';
import { guestView } from './guest-view.ts';
import { nodesThatRefused } from './moves.ts';
import type { VirtualMachineInstance, VirtualMachineInstanceMigration } from './types.ts';

const NOW = new Date('2026-01-01T01:00:00Z');
const migration = (creationTimestamp: string, nodeName?: string) =>
  ({
    metadata: {
      creationTimestamp,
      annotations: nodeName === undefined ? {} : { 'compute.berth.dev/refused-node': nodeName },
    },
  }) as unknown as VirtualMachineInstanceMigration;

test('nodes that kube-scheduler refused count for ten minutes, once each', () => {
  const migrations = [
    migration('2026-01-01T00:51:00Z', 'node-1'),
    migration('2026-01-01T00:55:00Z', 'node-1'),
    migration('2026-01-01T00:49:00Z', 'node-2'),
    migration('2026-01-01T00:59:00Z'),
  ];
  expect(nodesThatRefused(migrations, NOW)).toEqual(['node-1']);
});

test('of a guest that no node has, migrations that succeeded are seen for as long as they are there', () => {
  const move = (name: string, status: object) => {
    const metadata = { name, uid: `uid-${name}`, labels: { 'compute.berth.dev/request-id': name } };
    return { metadata, status } as unknown as VirtualMachineInstanceMigration;
  };
  const migrations = [
    move('req-1', { phase: 'Succeeded', migrationState: { targetNode: 'node-2' } }),
    move('req-2', { phase: 'Succeeded' }),
    move('req-3', { phase: 'Failed' }),
  ];
  const seen = (vmi?: object) =>
    guestView({
      vm: undefined,
      vmi: vmi as VirtualMachineInstance | undefined,
      pods: [],
      migrations,
      dataVolume: null,
    }).arrivals;
  const arrivals = [
    { requestId: 'req-1', targetNode: 'node-2' },
    { requestId: 'req-2', targetNode: undefined },
  ];
  expect(seen()).toEqual(arrivals);
  expect(seen({ metadata: {}, spec: {}, status: { phase: 'Scheduling' } })).toEqual(arrivals);
  expect(seen({ metadata: {}, spec: {}, status: { phase: 'Running', nodeName: 'node-1' } })).toBeUndefined();
});
