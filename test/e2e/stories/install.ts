import { describe, expect, test } from 'vitest';
import type { Site } from '../site.ts';
import { eventually } from '../user.ts';
import { flavor } from './manifests.ts';

export function install(at: () => Site): void {
  describe('install', () => {
    test('with Helm: nodes become ComputeNodes', async () => {
      const { user } = at();
      await at().install();
      await eventually('all ComputeNodes are Up', async () => {
        const nodes = await user.list('computenodes');
        expect(nodes.length).toBeGreaterThanOrEqual(2);
        for (const { status } of nodes) expect(status?.state).toBe('Up');
      });
      await user.apply(
        flavor('tiny', '128Mi'),
        flavor('tiny-more', '256Mi'),
        flavor('tiny-more-two', '256Mi', 2),
      );
    });
  });
}
