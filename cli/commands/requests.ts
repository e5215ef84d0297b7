import { API_VERSION } from '#api/constants.ts';
import { INSTANCE_ACTION, type InstanceAction, type InstanceActionSpec } from '#api/instanceaction.ts';
import {
  INSTANCE_MIGRATION,
  type InstanceMigration,
  type InstanceMigrationSpec,
} from '#api/instancemigration.ts';
import type { Resource } from '#runtime/resource.ts';
import type { Command, FlagDefinition, Flags } from '../command.ts';
import { instanceNamed } from '../names.ts';
import { type Session, UsageError } from '../session.ts';
import { secondsOf, WAIT_FLAGS, waitFor } from '../wait.ts';

/** The object is deleted so long after it has ended: the Instance remembers how. */
const KEPT_SECONDS = 3600;

type Request = InstanceAction | InstanceMigration;
type Asked = Partial<InstanceActionSpec> | Pick<InstanceMigrationSpec, 'type' | 'targetNode'>;

interface RequestDefinition {
  name: string;
  help: string;
  resource: Resource;
  args?: string[];
  flags?: Record<string, FlagDefinition>;
  asked(flags: Flags, args: readonly string[]): Asked;
}

const TARGET = {
  target: {
    type: 'string',
    value: 'NODE',
    help: "node to move to, if it passes every filter; else the scheduler's choice",
  },
} as const;

const movedTo = (type: InstanceMigrationSpec['type']) => (flags: Flags) => ({
  type,
  ...(typeof flags.target === 'string' && { targetNode: flags.target }),
});

const REQUESTS: RequestDefinition[] = [
  {
    name: 'reboot',
    help: 'ask the guest to start anew, and reset it when it does not',
    resource: INSTANCE_ACTION,
    flags: { hard: { type: 'boolean', help: 'reset it at once' } },
    asked: ({ hard }) => ({ reboot: { type: hard ? 'Hard' : 'Soft' } }),
  },
  {
    name: 'power-on',
    help: 'start a guest that went off by itself, whose spec says Running',
    resource: INSTANCE_ACTION,
    asked: () => ({ start: {} }),
  },
  {
    name: 'confirm',
    help: 'keep the new size or place of a resize or cold migration',
    resource: INSTANCE_ACTION,
    asked: () => ({ confirmResize: {} }),
  },
  {
    name: 'revert',
    help: 'go back to the old size and place',
    resource: INSTANCE_ACTION,
    asked: () => ({ revertResize: {} }),
  },
  {
    name: 'rebuild',
    help: 'make its root disk afresh: what is on it is lost',
    resource: INSTANCE_ACTION,
    flags: { image: { type: 'string', value: 'NAME', help: 'an Image; else the one that it has' } },
    asked: ({ image }) => ({ rebuild: typeof image === 'string' ? { imageRef: { name: image } } : {} }),
  },
  {
    name: 'create-image',
    help: 'make an Image of its root disk, while it is off',
    resource: INSTANCE_ACTION,
    args: ['IMAGE'],
    asked: (_flags, [, image = '']) => ({ createImage: { name: image } }),
  },
  {
    name: 'migrate',
    help: 'shut it down and boot it on another node, to be confirmed or reverted',
    resource: INSTANCE_MIGRATION,
    flags: TARGET,
    asked: movedTo('Cold'),
  },
  {
    name: 'live-migrate',
    help: 'move it to another node while it runs',
    resource: INSTANCE_MIGRATION,
    flags: TARGET,
    asked: movedTo('Live'),
  },
  {
    name: 'evacuate',
    help: 'boot it elsewhere when its node is Down and proven off',
    resource: INSTANCE_MIGRATION,
    flags: TARGET,
    asked: movedTo('Evacuate'),
  },
];

export const requests: Command[] = REQUESTS.map(({ name, help, resource, args = [], flags = {}, asked }) => ({
  name,
  args: ['INSTANCE', ...args],
  help,
  flags: { ...flags, ...WAIT_FLAGS },
  async run(session, words, given) {
    const seconds = secondsOf(given.timeout);
    const { metadata } = await instanceNamed(session, words[0]);
    const made = await session.client.create<Request>(resource, {
      apiVersion: API_VERSION,
      kind: resource.kind,
      metadata: { generateName: `${metadata.name}-${name}-`, namespace: session.namespace } as never,
      spec: {
        instanceRef: { name: metadata.name },
        ttlSecondsAfterFinished: KEPT_SECONDS,
        ...asked(given, words),
      },
    } as never);
    const called = `${resource.kind.toLowerCase()}/${made.metadata.name}`;
    if (!given.wait) return session.print(`${called} created`);
    return ended(session, resource, made, seconds);
  },
}));

/** Gives up what is asked of an Instance and has not ended. */
export const cancel: Command = {
  name: 'cancel',
  args: ['INSTANCE'],
  help: 'give up what is under way, where the operation can be',
  async run({ client, namespace, print }, [name]) {
    const found = await Promise.all(
      [INSTANCE_ACTION, INSTANCE_MIGRATION].map(async (resource) => {
        const { items } = await client.list<Request>(resource, { namespace });
        return items
          .filter((it) => it.spec.instanceRef.name === name && isOpen(it))
          .map((it) => ({ resource, it }));
      }),
    );
    const open = found.flat();
    if (open.length === 0) throw new UsageError(`nothing is asked of ${name} that could be cancelled`);
    for (const { resource, it } of open) {
      const patch = { spec: { cancel: true } };
      await client.patch(resource, `${namespace}/${it.metadata.name}`, patch, { type: 'merge' });
      print(`${resource.kind.toLowerCase()}/${it.metadata.name} is to be cancelled`);
    }
  },
};

const isOpen = ({ status }: Request): boolean => ['Pending', 'Running'].includes(status?.phase ?? 'Pending');

async function ended(session: Session, resource: Resource, made: Request, seconds: number): Promise<number> {
  const { status, metadata } = await waitFor<Request>(session, {
    resource,
    key: `${session.namespace}/${made.metadata.name}`,
    seconds,
    progress: ({ status: now }) => `${now?.phase ?? 'Pending'}: ${now?.message ?? 'Berth looks at it'}`,
    done: (it) => !isOpen(it),
  });
  const said = [status?.reason, status?.message].filter(Boolean).join(': ');
  session.print(
    `${resource.kind.toLowerCase()}/${metadata.name} ${status?.phase}${said ? `: ${said}` : ''} (${status?.requestId})`,
  );
  return status?.phase === 'Succeeded' ? 0 : 1;
}
