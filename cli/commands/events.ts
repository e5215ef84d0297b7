import { REQUEST_ID_ANNOTATION } from '#api/constants.ts';
import { events as EVENTS, type KubeEvent } from '#runtime/events.ts';
import { type Command, OUTPUT_FLAG } from '../command.ts';
import { document, formatOf, table } from '../output.ts';
import { UsageError } from '../session.ts';

export const events: Command = {
  name: 'events',
  args: ['REQUEST_ID'],
  help: 'what happened under a request id, oldest first',
  flags: { ...OUTPUT_FLAG, 'all-namespaces': { type: 'boolean', short: 'A', help: 'of all namespaces' } },
  async run({ client, namespace, print }, [requestId], flags) {
    const format = formatOf(flags.output);
    const { items } = await client.list<KubeEvent>(EVENTS, flags['all-namespaces'] ? {} : { namespace });
    const found = items
      .filter(({ metadata }) => metadata.annotations?.[REQUEST_ID_ANNOTATION] === requestId)
      .toSorted((a, b) => `${a.eventTime}`.localeCompare(`${b.eventTime}`));
    if (found.length === 0)
      throw new UsageError(
        `no Events of ${requestId} in namespace ${namespace}: the API server keeps them for an hour, the operator's log for longer`,
      );
    if (format === 'json' || format === 'yaml') return print(document(format, found));
    print(
      table(
        ['TIME', 'TYPE', 'REASON', 'OBJECT', 'NOTE'],
        found.map((it) => [
          `${it.eventTime}`,
          it.type,
          it.reason,
          `${it.regarding?.kind}/${it.regarding?.name}`,
          it.note,
        ]),
      ),
    );
  },
};
