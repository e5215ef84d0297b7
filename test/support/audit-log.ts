import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '../../hack/access/audit.ts';
import { BERTH_USER } from './cluster.ts';

const AUDIT_POLICY = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    users: [${BERTH_USER}]
  - level: None
    verbs: [get, list, watch]
  - level: Metadata
`;

const READS = ['get', 'list', 'watch'];

/** What the API server was asked: all that Berth asks, and what others write. */
export class AuditLog {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<AuditLog> {
    const log = new AuditLog(await mkdtemp(join(tmpdir(), 'berth-audit-')));
    await writeFile(log.#policy, AUDIT_POLICY);
    return log;
  }

  /** For the kube-apiserver that writes it. */
  get args(): string[] {
    return [
      `--audit-policy-file=${this.#policy}`,
      `--audit-log-path=${this.#path}`,
      '--audit-log-mode=blocking',
      '--audit-log-maxsize=10000', // MB: one file
    ];
  }

  async events(): Promise<AuditEvent[]> {
    const lines = (await readFile(this.#path, 'utf8')).split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as AuditEvent);
  }

  /** What the operators wrote so far, Events and Leases aside; a write that was refused changed nothing. */
  async writes(): Promise<AuditEvent[]> {
    const isOurs = ({ verb, userAgent, responseStatus }: AuditEvent) =>
      userAgent === 'berth' && !READS.includes(verb) && (responseStatus?.code ?? 0) < 300;
    return (await this.events()).filter(
      (it) => isOurs(it) && !['events', 'leases'].includes(it.objectRef?.resource ?? ''),
    );
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }

  get #policy(): string {
    return join(this.#folder, 'policy.yaml');
  }

  get #path(): string {
    return join(this.#folder, 'audit.log');
  }
}
