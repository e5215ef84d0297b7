import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Guest } from '../guests.ts';
import { firstLook } from '../readme.ts';
import type { Site } from '../site.ts';
import { eventually, ROOT } from '../user.ts';

/** Those that can be had wherever there are two zones and no download: the others wait, and say what for. */
const RUN = ['web-1', 'web-2', 'db-1', 'db-2', 'files-1', 'jump-1'];

export function samples(at: () => Site): void {
  describe('the samples', () => {
    const user = () => at().user;

    test('run, and what fits nowhere says so', async () => {
      await user().kubectl('apply', '-f', 'config/samples');
      for (const name of RUN) await user().reaches(name, 'Active');
      for (const name of RUN) await new Guest(at(), name).counts();
      const { status } = await user().instance('giant-1');
      expect(JSON.stringify(status?.conditions)).toContain('NoValidHost');
    });

    test('do what the README says to do with them, word for word', async () => {
      const before = (await user().instance('jump-1')).status?.nodeName;
      for (const line of firstLook(readFileSync(join(ROOT, 'README.md'), 'utf8'))) await user().shell(line);
      await user().reaches('web-1', 'Stopped');
      await eventually('jump-1 has moved', async () =>
        expect((await user().reaches('jump-1', 'Active')).status?.nodeName).not.toBe(before),
      );
      expect((await user().list('instances')).map((it) => it.metadata.name)).not.toContain('web-2');
    });

    test('go when they are deleted', async () => {
      const text = await user().shell('kubectl get -f config/samples -o name --ignore-not-found');
      const instances = text.split('\n').filter((name) => name.startsWith('instance.'));
      await user().kubectl('delete', ...instances, '--wait', '--timeout=300s');
      const left = (await user().list('virtualmachines')).map((it) => it.metadata.name);
      expect(left.filter((name) => RUN.includes(name))).toEqual([]);
    });
  });
}
