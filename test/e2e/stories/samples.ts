import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Guest } from '../guests.ts';
import { firstLook } from '../readme.ts';
import type { Site } from '../site.ts';
import { conditionOf, eventually, ROOT } from '../user.ts';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
/** Those that run wherever there are two zones. */
const ANYWHERE = ['web-1', 'web-2', 'db-1', 'db-2', 'files-1', 'jump-1'];

export function samples(at: () => Site): void {
  describe('the samples', () => {
    const user = () => at().user;
    const runs = () => [
      ...ANYWHERE,
      ...(at().zones.includes('zone-c') ? ['web-3'] : []),
      ...(at().downloads ? ['build-1'] : []),
    ];

    test('run, and what fits nowhere says so', async () => {
      await user().kubectl('apply', '-f', 'config/samples');
      for (const name of runs()) await user().reaches(name, 'Active');
      for (const name of runs()) await new Guest(at(), name).counts();
      const nowhere = ['giant-1', ...(runs().includes('web-3') ? [] : ['web-3'])];
      for (const name of nowhere)
        expect(conditionOf(await user().instance(name), 'Ready')).toMatchObject({ reason: 'NoValidHost' });
      const [one, two] = await Promise.all(['web-1', 'web-2'].map((name) => user().instance(name)));
      expect(one?.status?.nodeName).not.toBe(two?.status?.nodeName);
    });

    test('have the volumes that they ask for', async () => {
      await eventually('all are attached', async () => {
        const { status } = await user().instance('files-1');
        expect(status?.volumes).toMatchObject([
          { name: 'data', phase: 'Attached' },
          { name: 'scratch', phase: 'Attached' },
        ]);
      });
    });

    test('ask the scheduler, and are answered', async () => {
      const probes = ['placementprobe/would-it-fit', 'placementprobe/how-many-more'];
      for (const probe of [...probes, 'clusterplacementprobe/why-not-node-001'])
        await user().kubectl('wait', '--for=condition=Ready', probe, '--timeout=120s');
    });

    test('are asked to reboot, and to move where there is no other node of their zone', async () => {
      const guest = new Guest(at(), 'web-1');
      await user().kubectl('create', '-f', 'config/samples/actions/reboot-web-1.yaml');
      await guest.tells('it was asked, and began anew', (told) => told.powerButton);
      await user().reaches('web-1', 'Active');
      await user().kubectl('create', '-f', 'config/samples/actions/move-web-1.yaml');
      await eventually('the move has failed, as it was to', async () => {
        const [move] = (await user().list('instancemigrations')).filter(({ metadata }) =>
          metadata.name.startsWith('move-web-1-'),
        );
        expect(move?.status).toMatchObject({
          phase: 'Failed',
          message: expect.stringContaining('hosts fit'),
        });
      });
      await guest.counts();
    });

    test('do what the README says to do with them, word for word', async () => {
      const before = (await user().instance('jump-1')).status?.nodeName;
      for (const line of firstLook(README)) await user().shell(line);
      await user().reaches('web-1', 'Stopped');
      await eventually('jump-1 has moved', async () =>
        expect((await user().reaches('jump-1', 'Active')).status?.nodeName).not.toBe(before),
      );
      expect((await user().list('instances')).map((it) => it.metadata.name)).not.toContain('web-2');
    });

    test('go when they are deleted', async () => {
      await user().kubectl('delete', '-f', 'config/samples', '--ignore-not-found', '--timeout=300s');
      const left = (await user().list('virtualmachines')).map((it) => it.metadata.name);
      expect(left.filter((name) => ANYWHERE.includes(name))).toEqual([]);
    });
  });
}
