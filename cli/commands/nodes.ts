import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { isNotFound } from '#runtime/errors.ts';
import { type Command, OUTPUT_FLAG } from '../command.ts';
import { ageOf, type Cell, document, facts, formatOf, table } from '../output.ts';
import { type Session, UsageError } from '../session.ts';

function adminStateOf({ spec }: ComputeNode): string {
  if (spec.maintenance?.enabled) return 'Maintenance';
  return spec.disabled ? 'Disabled' : 'Enabled';
}

/** Lists compute nodes as a table, or as what they are. */
const listing = (
  name: string,
  help: string,
  header: readonly string[],
  row: (node: ComputeNode) => readonly Cell[],
): Command => ({
  name,
  args: [],
  help,
  flags: OUTPUT_FLAG,
  async run({ client, print }, _args, flags) {
    const format = formatOf(flags.output);
    const { items } = await client.list<ComputeNode>(COMPUTE_NODE);
    if (format === 'json' || format === 'yaml') return print(document(format, items));
    print(table(header, items.map(row)));
  },
});

export const serviceList = listing(
  'service list',
  'compute nodes: Up or Down, enabled or not, since when and why',
  ['HOST', 'ZONE', 'STATUS', 'STATE', 'SINCE', 'REASON'],
  (node) => [
    node.metadata.name,
    node.status?.availabilityZone,
    adminStateOf(node),
    node.status?.state,
    ageOf(node.status?.stateSince),
    node.spec.disabledReason ?? node.spec.maintenance?.reason ?? node.status?.stateReason,
  ],
);

export const hypervisorList = listing(
  'hypervisor list',
  'compute nodes: what they have, what is claimed, how many Instances',
  ['HYPERVISOR', 'STATE', 'VCPUS USED', 'FREE', 'MEMORY USED', 'FREE', 'DISK USED', 'FREE', 'INSTANCES'],
  ({ metadata, status }) => [
    metadata.name,
    status?.state,
    status?.used?.vcpus,
    status?.free?.vcpus,
    mib(status?.used?.memoryMiB),
    mib(status?.free?.memoryMiB),
    gib(status?.used?.diskGiB),
    gib(status?.free?.diskGiB),
    status?.instances,
  ],
);

const rounded = (amount: number | undefined, unit: string) =>
  amount === undefined ? undefined : `${Math.round(amount)} ${unit}`;
const mib = (amount: number | undefined) => rounded(amount, 'MiB');
const gib = (amount: number | undefined) => rounded(amount, 'GiB');

export const hypervisorShow: Command = {
  name: 'hypervisor show',
  args: ['NODE'],
  help: 'one compute node: figures, ratios, and who holds a place on it',
  flags: OUTPUT_FLAG,
  async run(session, [name = ''], flags) {
    const format = formatOf(flags.output);
    const node = await nodeNamed(session, name);
    if (format === 'json' || format === 'yaml') return session.print(document(format, node));
    const { status = {} } = node;
    const { capacity, reserved, used, free, allocationRatios: ratios, hypervisor } = status;
    session.print(
      facts([
        ['Name', name],
        ['State', status.state && `${status.state} (${status.stateReason}), for ${ageOf(status.stateSince)}`],
        ['Status', adminStateOf(node)],
        ['Zone', status.availabilityZone],
        [
          'Hypervisor',
          hypervisor &&
            `${hypervisor.type}, ${hypervisor.architecture}, ${hypervisor.cpuModel ?? 'CPU model unknown'}`,
        ],
        ['Ratios', ratios && `CPU ${ratios.cpu}, memory ${ratios.memory}, disk ${ratios.disk}`],
      ]),
    );
    const amounts = [capacity, reserved, used, free];
    const line = (what: string, of: (amount: NonNullable<typeof capacity>) => number) => [
      what,
      ...amounts.map((amount) => amount && of(amount)),
    ];
    session.print(
      `\n${table(
        ['RESOURCE', 'CAPACITY', 'RESERVED', 'USED', 'FREE'],
        [
          line('vCPUs', ({ vcpus }) => vcpus),
          line('memory MiB', ({ memoryMiB }) => memoryMiB),
          line('local disk GiB', ({ diskGiB }) => diskGiB),
        ],
      )}`,
    );
    const claims = await claimsOn(session, name);
    session.print(
      `\n${table(
        ['HELD BY', 'KIND', 'VCPUS', 'MEMORY MIB', 'DISK GIB'],
        claims.map((it) => [`${it.namespace}/${it.name}`, it.ownerKind, it.vcpus, it.memoryMiB, it.diskGiB]),
      )}`,
    );
  },
};

async function nodeNamed({ client }: Session, name: string): Promise<ComputeNode> {
  try {
    return await client.get<ComputeNode>(COMPUTE_NODE, name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new UsageError(`there is no ComputeNode ${name}: kubectl berth service list shows them`);
  }
}

async function claimsOn({ client }: Session, name: string) {
  const ledger = await client.get<NodeLedger>(NODE_LEDGER, name).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  return ledger?.spec.claims ?? [];
}
