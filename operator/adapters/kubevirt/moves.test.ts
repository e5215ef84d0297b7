import { expect, test } from 'vitest';
import { nodesThatRefused } from './moves.ts';
import type { VirtualMachineInstanceMigration } from './types.ts';

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
