import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { berthKubeconfig } from './berth-account.ts';
import type { Cluster } from './cluster.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface LogRecord {
  level: string;
  msg?: string;
  module?: string;
  requestId?: string;
  source?: string;
  [field: string]: unknown;
}

/** An operator as a process of its own, as its users run it. */
export class OperatorProcess {
  readonly identity: string;
  readonly log: LogRecord[] = [];
  readonly #process: ChildProcess;
  readonly #healthPort: number;
  readonly exited: Promise<number | null>;

  private constructor(child: ChildProcess, identity: string, healthPort: number) {
    this.#process = child;
    this.identity = identity;
    this.#healthPort = healthPort;
    this.exited = once(child, 'exit').then(([code]) => code as number | null);
    this.#collect();
  }

  /** Resolves when it is ready to serve; whether it leads is another matter. */
  static async start(cluster: Cluster, identity: string, flags: string[] = []): Promise<OperatorProcess> {
    const kubeconfig = ['--kubeconfig', await berthKubeconfig(cluster)];
    const ports = ['--webhook-host', '127.0.0.1', '--webhook-port', '0'];
    return OperatorProcess.run(identity, [...kubeconfig, ...ports, ...flags]);
  }

  /** One with these flags, and no others but where it listens. `root` holds another version's code. */
  static async run(identity: string, flags: string[], root = ROOT): Promise<OperatorProcess> {
    const healthPort = await freePort();
    const standard = [
      '--bind-address',
      '127.0.0.1',
      '--health-port',
      `${healthPort}`,
      '--identity',
      identity,
    ];
    const main = join(root, 'operator/main.ts');
    const child = spawn(process.execPath, [main, ...standard, ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    endWithTests(child);
    const operator = new OperatorProcess(child, identity, healthPort);
    await operator.#ready();
    return operator;
  }

  /** The page for Prometheus. */
  async metricsPage(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.#healthPort}/metrics`)).text();
  }

  /** The same, as sample lines by series. */
  async metrics(): Promise<Map<string, number>> {
    const lines = (await this.metricsPage())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
    );
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** As a power failure would. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM');
    await this.exited;
  }

  get isLeading(): boolean {
    const words = this.log.filter(({ module, msg }) => module === 'elector' && msg !== undefined);
    return words.at(-1)?.msg === 'leading';
  }

  #collect(): void {
    let rest = '';
    this.#process.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.log.push(parsed(line));
    });
  }

  async #ready(): Promise<void> {
    let ended = false;
    void this.exited.then(() => {
      ended = true;
    });
    while (!(await isOk(`http://127.0.0.1:${this.#healthPort}/readyz`))) {
      if (ended)
        throw new Error(`the operator ended:\n${this.log.map((it) => JSON.stringify(it)).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function parsed(line: string): LogRecord {
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return { level: 'text', msg: line };
  }
}

async function isOk(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function endWithTests(child: ChildProcess): void {
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}
