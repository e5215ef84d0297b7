import { INSTANCE, type Instance } from '#api/instance.ts';
import { type Command, OUTPUT_FLAG } from '../command.ts';
import { instanceNamed } from '../names.ts';
import { ageOf, document, facts, formatOf, table } from '../output.ts';

const NAMESPACES = { 'all-namespaces': { type: 'boolean', short: 'A', help: 'of all namespaces' } } as const;

export const list: Command = {
  name: 'list',
  args: [],
  help: 'Instances, with state and node',
  flags: { ...OUTPUT_FLAG, ...NAMESPACES },
  async run({ client, namespace, print, tell }, _args, flags) {
    const format = formatOf(flags.output);
    const all = flags['all-namespaces'] === true;
    const { items } = await client.list<Instance>(INSTANCE, all ? {} : { namespace });
    if (format === 'json' || format === 'yaml') return print(document(format, items));
    if (items.length === 0) return tell(all ? 'no Instances' : `no Instances in namespace ${namespace}`);
    const header = ['NAME', 'FLAVOR', 'STATE', 'TASK', 'POWER', 'NODE', 'ADDRESS', 'AGE'];
    const wide = format === 'wide' ? ['ZONE', 'MESSAGE'] : [];
    print(
      table(
        [...(all ? ['NAMESPACE'] : []), ...header, ...wide],
        items.map((it) => [
          ...(all ? [it.metadata.namespace] : []),
          ...row(it),
          ...(format === 'wide' ? [it.status?.placement?.availabilityZone, readyOf(it)] : []),
        ]),
      ),
    );
  },
};

function row({ metadata, spec, status }: Instance) {
  return [
    metadata.name,
    spec.flavorRef.name,
    status?.vmState,
    status?.taskState,
    status?.powerState,
    status?.nodeName,
    status?.addresses?.[0]?.ip,
    ageOf(metadata.creationTimestamp),
  ];
}

const readyOf = ({ status }: Instance) => status?.conditions?.find(({ type }) => type === 'Ready')?.message;

export const show: Command = {
  name: 'show',
  args: ['INSTANCE'],
  help: 'one Instance: size, state, node, addresses, what is done to it and what was',
  flags: OUTPUT_FLAG,
  async run(session, [name], flags) {
    const format = formatOf(flags.output);
    const instance = await instanceNamed(session, name);
    if (format === 'json' || format === 'yaml') return session.print(document(format, instance));
    const { metadata, spec, status = {} } = instance;
    const { flavor, operation, fault, lastOperations = [] } = status;
    session.print(
      facts([
        ['Name', metadata.name],
        ['Namespace', metadata.namespace],
        ['UUID', metadata.uid],
        ['State', status.vmState],
        ['Task', status.taskState],
        ['Power', status.powerState],
        ['Asked for', spec.shelved ? 'Shelved' : spec.powerState],
        ['Locked', spec.locked ? 'yes' : 'no'],
        ['Flavor', flavor?.name ?? spec.flavorRef.name],
        ['CPU(s)', flavor?.vcpus],
        ['Memory', flavor && `${flavor.memoryMiB} MiB`],
        ['Root disk', flavor && `${flavor.rootDiskGiB} GiB${spec.rootDisk.ephemeral ? ', ephemeral' : ''}`],
        ['Node', status.nodeName],
        ['Zone', status.placement?.availabilityZone],
        ['Addresses', status.addresses?.map(({ ip, mac }) => [ip, mac].filter(Boolean).join(' ')).join(', ')],
        ['Ready', readyOf(instance)],
        ['Doing', operation && `${operation.name} (${operation.requestId}): ${operation.waitingFor}`],
        ['Until', operation?.deadline],
        ['Fault', fault && `${fault.code}: ${fault.message}`],
        ['Created', metadata.creationTimestamp],
      ]),
    );
    if (lastOperations.length === 0) return;
    const rows = lastOperations.map((it) => [it.finishTime, it.name, it.result, it.requestId, it.message]);
    session.print(`\n${table(['FINISHED', 'OPERATION', 'RESULT', 'REQUEST', 'MESSAGE'], rows)}`);
  },
};
