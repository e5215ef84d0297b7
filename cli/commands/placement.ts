import { readFile } from 'node:fs/promises';
import { loadYaml } from '@kubernetes/client-node';
import { CLUSTER_PLACEMENT_PROBE, type ClusterPlacementProbe } from '#api/clusterplacementprobe.ts';
import { API_VERSION } from '#api/constants.ts';
import { FLAVOR, type Flavor } from '#api/flavor.ts';
import { PLACEMENT_PROBE, type PlacementProbe } from '#api/placementprobe.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';
import { type Command, OUTPUT_FLAG } from '../command.ts';
import { instanceNamed } from '../names.ts';
import { document, facts, formatOf, table } from '../output.ts';
import { filtersText, placementText, weighersText } from '../placement-text.ts';
import { type Session, UsageError } from '../session.ts';
import { waitFor } from '../wait.ts';

/** A probe is deleted by itself soon after it was answered. */
const KEPT_SECONDS = 60;
const ANSWERED_WITHIN_SECONDS = 30;

export const explain: Command = {
  name: 'explain',
  args: ['INSTANCE'],
  help: 'why the Instance is on its node, or on none',
  flags: OUTPUT_FLAG,
  async run(session, [name], flags) {
    const format = formatOf(flags.output);
    const { status } = await instanceNamed(session, name);
    if (!status?.placement)
      throw new UsageError(
        `nothing was decided about ${name} yet: look again, or kubectl berth show ${name}`,
      );
    if (format === 'json' || format === 'yaml') return session.print(document(format, status.placement));
    session.print(placementText(status.placement));
  },
};

interface Asked extends KubeObject {
  status?: { conditions?: { type: string; status: string; message?: string | undefined }[] | undefined };
}

/** Puts a question to the scheduler, and resolves with its answer. */
async function ask<T extends Asked>(session: Session, resource: Resource, spec: object): Promise<T> {
  const { namespaced, kind } = resource;
  const made = await session.client.create<T>(resource, {
    apiVersion: API_VERSION,
    kind,
    metadata: {
      generateName: 'kubectl-berth-',
      ...(namespaced && { namespace: session.namespace }),
    } as never,
    spec: { ...spec, ttlSeconds: KEPT_SECONDS },
  } as never);
  const { name, namespace } = made.metadata;
  return waitFor<T>(session, {
    resource,
    key: namespace === undefined ? name : `${namespace}/${name}`,
    seconds: ANSWERED_WITHIN_SECONDS,
    progress: () => 'the scheduler is asked',
    done: ({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is !== 'Unknown') ?? false,
  });
}

export const whyNot: Command = {
  name: 'why-not',
  args: ['INSTANCE', 'NODE'],
  help: 'what every filter says of that node for the Instance (for operators)',
  flags: OUTPUT_FLAG,
  async run(session, [name, node], flags) {
    const format = formatOf(flags.output);
    const { metadata } = await instanceNamed(session, name);
    const { name: instance, namespace } = metadata;
    const spec = { instanceRef: { name: instance }, namespace, nodeNames: [node] };
    const probe = await ask<ClusterPlacementProbe>(session, CLUSTER_PLACEMENT_PROBE, spec);
    if (format === 'json' || format === 'yaml') return session.print(document(format, probe.status ?? {}));
    const [verdict] = probe.status?.nodes ?? [];
    if (!verdict) throw new UsageError(`the scheduler did not answer: ${readyOf(probe)}`);
    const place = verdict.rank === undefined ? '' : `, place ${verdict.rank} by weight`;
    session.print(`${verdict.nodeName}: ${verdict.verdict}${place}`);
    const rows = (verdict.filters ?? []).map(({ name: filter, reason, detail }) => [
      filter,
      reason ?? 'passes',
      detail,
    ]);
    session.print(`\n${table(['FILTER', 'SAYS', 'BECAUSE'], rows)}`);
    if (verdict.weighers?.length) session.print(`\n${weighersText(verdict.weighers, verdict.weight)}`);
  },
};

const readyOf = ({ status }: Asked) => status?.conditions?.find(({ type }) => type === 'Ready')?.message;

export const probe: Command = {
  name: 'probe',
  args: [],
  help: 'would the Instance of a file fit, without creating it',
  flags: {
    ...OUTPUT_FLAG,
    filename: {
      type: 'string',
      short: 'f',
      value: 'FILE',
      help: 'an Instance as YAML or JSON; - is the input',
    },
  },
  async run(session, _args, flags) {
    const format = formatOf(flags.output);
    const instance = await readInstance(flags.filename);
    const { namespace = session.namespace } = instance.metadata ?? {};
    const answered = await ask<PlacementProbe>({ ...session, namespace }, PLACEMENT_PROBE, {
      instance: instance.spec,
    });
    const { status = {} } = answered;
    if (format === 'json' || format === 'yaml') return session.print(document(format, status));
    session.print(
      facts([
        ['Hosts', status.hosts],
        ['Fits on', status.fits],
        ['Best zone', status.availabilityZone],
        ['Profile', status.profile],
        ['In words', readyOf(answered)],
      ]),
    );
    session.print(`\n${filtersText(status.filters ?? [])}`);
    return status.fits ? 0 : 1;
  },
};

async function readInstance(path: string | boolean | undefined) {
  if (typeof path !== 'string') throw new UsageError('give the file of an Instance with -f FILE');
  const text = await readFile(path === '-' ? '/dev/stdin' : path, 'utf8').catch((error: Error) => {
    throw new UsageError(error.message);
  });
  const found = loadYaml<{ kind?: string; spec?: object; metadata?: { namespace?: string } }>(text);
  if (found?.kind !== 'Instance' || !found.spec)
    throw new UsageError(`${path} is no Instance: kind must be Instance`);
  return found;
}

export const capacity: Command = {
  name: 'capacity',
  args: [],
  help: 'how many more Instances of each Flavor fit, in all and by zone',
  flags: { ...OUTPUT_FLAG, flavor: { type: 'string', value: 'NAME', help: 'of this Flavor alone' } },
  async run({ client, print }, _args, flags) {
    const format = formatOf(flags.output);
    const { items } = await client.list<Flavor>(FLAVOR);
    const flavors = items.filter(
      ({ metadata }) => flags.flavor === undefined || metadata.name === flags.flavor,
    );
    if (flavors.length === 0)
      throw new UsageError(
        `there is no Flavor${flags.flavor ? ` ${flags.flavor}` : ''}: kubectl get flavors lists them`,
      );
    if (format === 'json' || format === 'yaml')
      return print(
        document(
          format,
          flavors.map(({ metadata, status }) => ({ name: metadata.name, ...status?.capacity })),
        ),
      );
    print(
      table(
        ['FLAVOR', 'VCPUS', 'MEMORY', 'FITS', 'BY ZONE'],
        flavors.map(({ metadata, spec, status }) => [
          metadata.name,
          spec.vcpus,
          spec.memory,
          status?.capacity?.fits,
          status?.capacity?.zones?.map(({ name, fits }) => `${name} ${fits}`).join(', '),
        ]),
      ),
    );
  },
};
