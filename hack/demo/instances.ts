import type { Instance } from '#api/instance.ts';
import { kubectl, list } from './run.ts';
import { progress, say, show } from './screen.ts';
import { reasonOf, type Standing, standingOf } from './standing.ts';
import { until } from './wait.ts';

/** Shows the Instances until each of the samples is what it can be. Resolves with how many ended in a fault. */
export async function watchInstances(names: ReadonlySet<string>, seconds: number): Promise<number> {
  await until(seconds, async () => {
    const { samples, by } = await standings(names);
    if (by.onTheWay.length === 0) return undefined;
    progress(summary(samples.length, by), withoutAge(await kubectl(['get', 'instances', '-o', 'wide'])));
    return by.onTheWay.map(reasonOf).join('\n');
  });
  const { samples, by } = await standings(names);
  show(await kubectl(['get', 'instances', '-o', 'wide']));
  say(summary(samples.length, by));
  for (const instance of by.fitsNowhere) say(`fits nowhere, and waits: ${reasonOf(instance)}`);
  for (const instance of by.failed) say(`failed: ${reasonOf(instance)}`);
  return by.failed.length;
}

function summary(count: number, { ready, fitsNowhere }: Record<Standing, Instance[]>): string {
  const nowhere =
    fitsNowhere.length === 0
      ? ''
      : `, ${fitsNowhere.length} fit${fitsNowhere.length === 1 ? 's' : ''} nowhere`;
  return `${ready.length} of ${count} Instances are ready${nowhere}`;
}

async function standings(names: ReadonlySet<string>) {
  const samples = (await list<Instance>('instances')).filter(({ metadata }) => names.has(metadata.name));
  const by: Record<Standing, Instance[]> = { ready: [], fitsNowhere: [], failed: [], onTheWay: [] };
  for (const instance of samples) by[standingOf(instance)].push(instance);
  return { samples, by };
}

/** Its last column changes with every second that passes. */
const withoutAge = (table: string): string => table.replaceAll(/ +\S+$/gm, '');
