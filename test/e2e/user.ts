import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { vi } from 'vitest';

const run = promisify(execFile);

export const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'bin');
const DIST = join(ROOT, 'dist');
/** Of the Node that kubectl-berth runs on. */
const PACKAGES = join(ROOT, 'node_modules/.bin');
export const NAMESPACE = 'berth-system';

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/** What the suite reads of an object. */
export interface Thing {
  metadata: { name: string; namespace?: string; uid: string; labels?: Record<string, string> };
  spec: Record<string, unknown>;
  status?: {
    vmState?: string;
    taskState?: string;
    powerState?: string;
    nodeName?: string;
    phase?: string;
    stage?: string;
    conditions?: Condition[];
    [field: string]: unknown;
  };
}

/** A user at a shell: a kubeconfig, kubectl with the plugin on the PATH, Helm, and nothing else. */
export class User {
  readonly #env: NodeJS.ProcessEnv;

  constructor(kubeconfig: string) {
    this.#env = {
      ...process.env,
      KUBECONFIG: kubeconfig,
      PATH: [BIN, DIST, PACKAGES, process.env.PATH].join(':'),
    };
  }

  /** What a command writes to its standard output. @throws with all that it said. */
  async types(command: string, ...args: string[]): Promise<string> {
    try {
      const { stdout } = await run(command, args, { env: this.#env, cwd: ROOT, maxBuffer: 64 << 20 });
      return stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${command} ${args.join(' ')}:\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** A line as it stands in the docs. */
  shell = (line: string): Promise<string> => this.types('bash', '-euo', 'pipefail', '-c', line);
  kubectl = (...args: string[]): Promise<string> => this.types('kubectl', ...args);
  berth = (...args: string[]): Promise<string> => this.types('kubectl', 'berth', ...args);
  helm = (...args: string[]): Promise<string> => this.types('helm', ...args, '-n', NAMESPACE);

  async get(...what: string[]): Promise<Thing> {
    return JSON.parse(await this.kubectl('get', ...what, '-o', 'json')) as Thing;
  }

  async list(...what: string[]): Promise<Thing[]> {
    return (JSON.parse(await this.kubectl('get', ...what, '-o', 'json')) as { items: Thing[] }).items;
  }

  async apply(...objects: object[]): Promise<void> {
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await this.shell(`kubectl apply -f - <<'END'\n${text}\nEND`);
  }

  instance = (name: string): Promise<Thing> => this.get('instance', name);

  /** Waits until an Instance is in a state and nothing is under way. */
  async reaches(name: string, vmState: string): Promise<Thing> {
    return eventually(`${name} is ${vmState}`, async () => {
      const instance = await this.instance(name);
      const { vmState: now, taskState = '', conditions } = instance.status ?? {};
      if (now === vmState && taskState === '') return instance;
      throw new Error(`${name} is ${now} ${taskState}: ${JSON.stringify(conditions)}`);
    });
  }
}

/** The condition of a type that an object has. */
export const conditionOf = ({ status }: Thing, type: string): Condition | undefined =>
  status?.conditions?.find((it) => it.type === type);

/** Asks until it does not throw. @throws what it threw last, after `seconds`. */
export const eventually = <T>(what: string, ask: () => Promise<T>, seconds = 180): Promise<T> =>
  vi.waitFor(ask, { timeout: seconds * 1000, interval: 500 }).catch((error: unknown) => {
    throw new Error(`not within ${seconds} s: ${what}`, { cause: error });
  });
