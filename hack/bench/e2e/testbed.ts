import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { COMPUTE_NODE, type ComputeNode } from '#api/computenode.ts';
import { createClient, type KubeClient } from '#runtime/client.ts';
import { type Cluster, kubeConfigOf, startCluster } from '#test/cluster.ts';
import { OperatorProcess } from '#test/operator-process.ts';
import { until } from './until.ts';

const QUIET_WRITES = 20;
const CRDS = join(import.meta.dirname, '../../../crds');

/** Writes only, who and what: nodes' heartbeats are nobody's doing here. */
const AUDIT_POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    verbs: [get, list, watch]
  - level: None
    resources: [{ group: coordination.k8s.io, resources: [leases] }, { group: "", resources: [nodes, nodes/status] }]
  - level: Metadata
`;

/** A write as the API server recorded it (audit.k8s.io/v1 Event). */
export interface AuditedWrite {
  verb: string;
  userAgent?: string;
  objectRef?: { resource?: string; subresource?: string };
  responseStatus?: { code?: number };
  stageTimestamp: string;
}

/** A control plane with a simulated fleet and Berth's kinds; the operator is started when it is asked for. */
export class Testbed {
  readonly cluster: Cluster;
  readonly client: KubeClient;
  /** Once it was started. */
  operatorPid: number | undefined;
  readonly #folder: string;

  private constructor(cluster: Cluster, folder: string) {
    this.cluster = cluster;
    this.client = createClient(kubeConfigOf(cluster), { userAgent: 'bench' });
    this.#folder = folder;
  }

  static async start(fleetNodes: number): Promise<Testbed> {
    const folder = await mkdtemp(join(tmpdir(), 'berth-bench-'));
    const policy = join(folder, 'policy.yaml');
    await writeFile(policy, AUDIT_POLICY);
    const apiserverArgs = [`--audit-policy-file=${policy}`, `--audit-log-path=${join(folder, 'audit.log')}`];
    const testbed = new Testbed(await startCluster({ fleetNodes, fleetZones: 3, apiserverArgs }), folder);
    const { kubectl } = testbed.cluster;
    await kubectl('create', 'namespace', 'berth-system');
    await kubectl('apply', '-f', CRDS);
    await kubectl('wait', '--for=condition=Established', 'crd', '--all');
    return testbed;
  }

  /** Resolves once every node is Up and has its ledger. */
  async operator(nodes: number, flags: string[]): Promise<OperatorProcess> {
    const operator = await OperatorProcess.start(this.cluster, 'bench', flags);
    this.operatorPid = operator.pid;
    await until(`${nodes} ComputeNodes are Up`, async () => {
      const { items } = await this.client.list<ComputeNode>(COMPUTE_NODE);
      return items.filter(({ status }) => status?.state === 'Up').length >= nodes;
    });
    return operator;
  }

  /** Resolves when the control plane has done what it was told: hardly a write in two seconds. */
  async quiet(): Promise<void> {
    await until('the control plane is quiet', async () => {
      const from = Date.now();
      await sleep(2000);
      return (await this.writes(from, Date.now())).length < QUIET_WRITES;
    });
  }

  /** Writes that changed something, ended in [from, to) by the wall clock in milliseconds. */
  async writes(from: number, to: number): Promise<AuditedWrite[]> {
    const lines = (await readFile(join(this.#folder, 'audit.log'), 'utf8')).split('\n').filter(Boolean);
    const all = lines.map((line) => JSON.parse(line) as AuditedWrite);
    return all.filter(({ responseStatus, stageTimestamp }) => {
      const time = Date.parse(stageTimestamp);
      return (responseStatus?.code ?? 0) < 300 && time >= from && time < to;
    });
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.cluster.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
