import { networksOf } from '#adapters/kubevirt/interfaces.ts';
import { INSTANCE, type Instance, type InstanceSpec } from '#api/instance.ts';
import { RESIZE_POLICIES } from '#api/instance-spec.ts';
import type { Command, FlagDefinition, Flags } from '../command.ts';
import { instanceNamed } from '../names.ts';
import { type Session, UsageError } from '../session.ts';
import { secondsOf, WAIT_FLAGS, waitFor } from '../wait.ts';

type Change = { [Field in keyof InstanceSpec]?: InstanceSpec[Field] | null };

interface SpecChange {
  name: string;
  help: string;
  flags?: Record<string, FlagDefinition>;
  args?: string[];
  change(flags: Flags, args: readonly string[], instance: Instance): Change;
}

function policyNamed(name: string): InstanceSpec['resizePolicy'] {
  const found = RESIZE_POLICIES.find((it) => it.toLowerCase() === name.toLowerCase());
  if (!found) throw new UsageError(`--policy ${name}: choose one of ${RESIZE_POLICIES.join(', ')}`);
  return found;
}

/** What lasts is a field of the spec: with GitOps, change it in Git, or it is changed back. */
const CHANGES: SpecChange[] = [
  { name: 'start', help: 'let it run (spec.powerState)', change: () => ({ powerState: 'Running' }) },
  { name: 'stop', help: 'shut it down (spec.powerState)', change: () => ({ powerState: 'Stopped' }) },
  { name: 'pause', help: 'freeze it in memory (spec.powerState)', change: () => ({ powerState: 'Paused' }) },
  { name: 'unpause', help: 'let it go on (spec.powerState)', change: () => ({ powerState: 'Running' }) },
  { name: 'suspend', help: 'suspend it (spec.powerState)', change: () => ({ powerState: 'Suspended' }) },
  { name: 'resume', help: 'let it go on (spec.powerState)', change: () => ({ powerState: 'Running' }) },
  {
    name: 'rescue',
    help: 'boot a rescue image with the root disk beside it (spec.rescue)',
    flags: {
      image: { type: 'string', value: 'IMAGE', help: 'container disk; else the one that it was made from' },
    },
    change: ({ image }) => ({ rescue: typeof image === 'string' ? { image: { containerDisk: image } } : {} }),
  },
  { name: 'unrescue', help: 'boot its root disk again (spec.rescue)', change: () => ({ rescue: null }) },
  {
    name: 'shelve',
    help: 'switch it off and give its place up (spec.shelved)',
    change: () => ({ shelved: true }),
  },
  { name: 'unshelve', help: 'give it a place again (spec.shelved)', change: () => ({ shelved: false }) },
  { name: 'lock', help: 'refuse every operation (spec.locked)', change: () => ({ locked: true }) },
  { name: 'unlock', help: 'allow operations again (spec.locked)', change: () => ({ locked: false }) },
  {
    name: 'resize',
    help: 'give it another Flavor, to be confirmed or reverted (spec.flavorRef, spec.resizePolicy)',
    args: ['FLAVOR'],
    flags: {
      policy: {
        type: 'string',
        value: 'POLICY',
        help: `${RESIZE_POLICIES.join(', ')}: shut down or not; else as it has it`,
      },
    },
    change: ({ policy }, [, flavor = '']) => ({
      flavorRef: { name: flavor },
      ...(typeof policy === 'string' && { resizePolicy: policyNamed(policy) }),
    }),
  },
  {
    name: 'add-volume',
    help: 'attach a PersistentVolumeClaim (spec.volumes)',
    args: ['CLAIM'],
    flags: { as: { type: 'string', value: 'NAME', help: 'name in the list; else that of the claim' } },
    change: ({ as }, [, claim = ''], { spec: { volumes = [] } }) => ({
      volumes: [...volumes, { name: typeof as === 'string' ? as : claim, pvc: { name: claim } }],
    }),
  },
  {
    name: 'remove-volume',
    help: 'detach a volume by its name in the list (spec.volumes)',
    args: ['NAME'],
    change: (_flags, [, name = ''], { spec: { volumes } }) => ({ volumes: without(volumes, name, 'volume') }),
  },
  {
    name: 'add-network',
    help: 'attach a network of multus (spec.networks)',
    args: ['NETWORK'],
    flags: { as: { type: 'string', value: 'NAME', help: 'name in the list; else that of the network' } },
    change: ({ as }, [, network = ''], instance) => ({
      networks: [
        ...networksOf(instance),
        { name: typeof as === 'string' ? as : network, multus: { name: network } },
      ],
    }),
  },
  {
    name: 'remove-network',
    help: 'detach a network by its name in the list (spec.networks)',
    args: ['NAME'],
    change: (_flags, [, name = ''], instance) => ({
      networks: without(networksOf(instance), name, 'network'),
    }),
  },
];

function without<T extends { name: string }>(list: readonly T[] = [], name: string, what: string): T[] {
  const left = list.filter((it) => it.name !== name);
  if (left.length < list.length) return left;
  const there = list.map((it) => it.name).join(', ') || 'none';
  throw new UsageError(`there is no ${what} ${name}: there is ${there}`);
}

export const specChanges: Command[] = CHANGES.map(({ name, help, flags = {}, args = [], change }) => ({
  name,
  args: ['INSTANCE', ...args],
  help,
  flags: { ...flags, ...WAIT_FLAGS },
  async run(session, words, given) {
    const seconds = secondsOf(given.timeout);
    const before = await instanceNamed(session, words[0]);
    const key = `${session.namespace}/${before.metadata.name}`;
    // A list is replaced as a whole: somebody else's change to it in the meantime is not lost but refused.
    const { resourceVersion } = before.metadata;
    const patch = { metadata: { resourceVersion }, spec: change(given, words, before) };
    const after = await session.client.patch<Instance>(INSTANCE, key, patch, { type: 'merge' });
    if (after.metadata.generation === before.metadata.generation)
      session.tell(`${before.metadata.name} is to be so already: nothing was changed`);
    if (!given.wait) return session.print(`instance/${before.metadata.name} changed`);
    return settled(session, key, after.metadata.generation ?? 0, seconds);
  },
}));

/** Waits until Berth has taken the change in and nothing is going on. */
async function settled(session: Session, key: string, generation: number, seconds: number): Promise<number> {
  const { status, metadata } = await waitFor<Instance>(session, {
    resource: INSTANCE,
    key,
    seconds,
    progress: ({ status: now }) =>
      now?.operation
        ? `${now.operation.name}, ${now.taskState}: ${now.operation.waitingFor}`
        : 'Berth looks at it',
    done: ({ status: now }) =>
      (now?.observedGeneration ?? 0) >= generation && !now?.operation && !now?.taskState,
  });
  const [last] = status?.lastOperations ?? [];
  const held = status?.conditions?.find(({ type, status: is }) => type === 'SpecHeld' && is === 'True');
  if (held) throw new UsageError(`${metadata.name} is held: ${held.message}`);
  if (status?.fault) throw new UsageError(`${status.fault.code}: ${status.fault.message}`);
  const end = last ? `; last: ${last.name} ${last.result}${last.message ? `, ${last.message}` : ''}` : '';
  session.print(`instance/${metadata.name} is ${status?.vmState}${end}`);
  return last?.result === 'Failed' && last.generation === generation ? 1 : 0;
}
