import { relative } from 'node:path';
import type { ComputeNode } from '#api/computenode.ts';
import type { Instance } from '#api/instance.ts';
import { startCluster } from './cluster.ts';
import { watchInstances } from './instances.ts';
import { whatNext } from './next.ts';
import { NAMESPACE, operatorReady, startOperator } from './operator.ts';
import { DIR } from './paths.ts';
import { CommandFailed, kubectl, list } from './run.ts';
import { progress, say, show } from './screen.ts';
import { TookTooLong, until } from './wait.ts';

/** From nothing to Instances that run. It can be run again at any time, and does what is left to do. */
async function demo(): Promise<void> {
  await startCluster();
  await installKinds();
  const started = await startOperator();
  await operatorReady(60);
  say(started ? 'the operator is ready' : 'the operator is running already');
  await nodesUp(60);
  const failed = await watchInstances(await applySamples(), 240);
  show(whatNext(await aRequestId()));
  if (failed > 0) process.exitCode = 1;
}

async function installKinds(): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  await kubectl(['apply', '-f', '-'], JSON.stringify(namespace));
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', 'crds']);
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', '-f', 'crds']);
  say("Berth's kinds are installed");
}

async function nodesUp(seconds: number): Promise<void> {
  let all = 0;
  await until(seconds, async () => {
    const [nodes, computeNodes] = await Promise.all([list('nodes'), list<ComputeNode>('computenodes')]);
    all = nodes.length;
    const up = computeNodes.filter(({ status }) => status?.state === 'Up').length;
    if (up === all) return undefined;
    progress(`${up} of ${all} ComputeNodes are Up`);
    return `only ${up} of ${all} ComputeNodes are Up`;
  });
  say(`${all} ComputeNodes are Up`);
}

/** Resolves with the names of the Instances among them. */
async function applySamples(): Promise<Set<string>> {
  const applied = (await kubectl(['apply', '-f', 'config/samples', '-o', 'name'])).split('\n');
  say(`${applied.length} samples are applied`);
  const instances = applied.filter((name) => name.startsWith('instance.'));
  return new Set(instances.map((name) => name.slice(name.indexOf('/') + 1)));
}

async function aRequestId(): Promise<string | undefined> {
  const instances = await list<Instance>('instances');
  return instances.find(({ metadata }) => metadata.name === 'web-1')?.status?.lastOperations?.[0]?.requestId;
}

try {
  await demo();
} catch (error) {
  if (!(error instanceof CommandFailed) && !(error instanceof TookTooLong)) throw error;
  say(`the demo does not go on: ${error.message}`);
  show(`The logs are in ${relative('.', DIR)}/logs. What runs stays, to be looked at: make down ends it.`);
  process.exitCode = 1;
}
