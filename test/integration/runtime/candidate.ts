import { createClient } from '#runtime/client.ts';
import { Elector } from '#runtime/elector.ts';
import { silentLogger } from '#runtime/logger.ts';
import { kubeConfigOf } from '#test/cluster.ts';

/**
 * A process that stands for election and says so, one JSON line each 10 ms while it believes that it leads.
 * Arguments: kubeconfig, server ('' for the kubeconfig's own), lease, identity. SIGTERM makes it release the lease.
 */
const [kubeconfigPath = '', server = '', lease = '', identity = ''] = process.argv.slice(2);
const client = createClient(kubeConfigOf({ kubeconfigPath }, server || undefined));
const elector = new Elector({ client, lease, identity, logger: silentLogger });
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());

const say = (what: string): void =>
  void process.stdout.write(`${JSON.stringify({ what, at: Date.now() })}\n`);

setInterval(() => {
  if (elector.isLeading()) say('leading');
}, 10);

say('standing');
while (!stop.signal.aborted) {
  await elector.acquire(stop.signal).catch(() => {});
  if (stop.signal.aborted) break;
  say('elected');
  const end = await elector.hold(stop.signal);
  say(end);
  if (end === 'stopped') await elector.release();
}
say('gone');
process.exit(0);
