import { request } from 'node:http';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';

export interface Fault {
  kind: string;
  match?: string;
  node?: string;
  image?: string;
  delay?: string;
  message?: string;
  times?: number;
}

export interface Guest {
  namespace: string;
  name: string;
  node: string;
  pod: string;
  podName: string;
  /** Booting, Running, Paused, Incoming or Off. */
  state: string;
  boots: number;
}

/** What is on a disk: the image that it was made of, and what guests wrote on it since. */
export interface DiskContents {
  image: string;
  written: string[] | null;
}

/** The simulated fleet's control interface: makes nodes and guests misbehave. */
export class FleetControl {
  readonly #socketPath: string;

  constructor({ dir }: Pick<Cluster, 'dir'>) {
    this.#socketPath = join(dir, 'fleet.sock');
  }

  addNodes(nodes: {
    count: number;
    zone?: string;
    cpus?: number;
    memory?: string;
    disk?: string;
    /** Gives guests CPUs of their own. */
    cpuManager?: boolean;
    /** Devices and huge pages, by resource name. */
    resources?: Record<string, string>;
  }): Promise<unknown> {
    return this.#send('POST', '/nodes', nodes);
  }

  removeNode(node: string): Promise<unknown> {
    return this.#send('DELETE', `/nodes/${node}`);
  }

  /** The node runs on, and nobody hears of it. */
  partition(node: string): Promise<unknown> {
    return this.#send('POST', `/nodes/${node}/partition`);
  }

  powerOff(node: string): Promise<unknown> {
    return this.#send('POST', `/nodes/${node}/power-off`);
  }

  /** virt-handler is dead; the kubelet reports, and guests run on. */
  killHandler(node: string): Promise<unknown> {
    return this.#send('POST', `/nodes/${node}/kill-handler`);
  }

  resume(node: string): Promise<unknown> {
    return this.#send('POST', `/nodes/${node}/resume`);
  }

  powerOffGuest(namespacedName: string): Promise<unknown> {
    return this.#send('POST', `/guests/${namespacedName}/power-off`);
  }

  crashGuest(namespacedName: string): Promise<unknown> {
    return this.#send('POST', `/guests/${namespacedName}/crash`);
  }

  /** The guest writes a text on the disk that it booted from. */
  write(namespacedName: string, text: string): Promise<unknown> {
    return this.#send('POST', `/guests/${namespacedName}/disk?write=${encodeURIComponent(text)}`);
  }

  /** What is on the disk that a running guest booted from. */
  disk(namespacedName: string): Promise<DiskContents> {
    return this.#send('GET', `/guests/${namespacedName}/disk`) as Promise<DiskContents>;
  }

  /** What is on the volume of a claim. */
  claimDisk(namespacedName: string): Promise<DiskContents> {
    return this.#send('GET', `/claims/${namespacedName}/disk`) as Promise<DiskContents>;
  }

  addFault(fault: Fault): Promise<unknown> {
    return this.#send('POST', '/faults', fault);
  }

  clearFault(id: string): Promise<unknown> {
    return this.#send('DELETE', `/faults/${id}`);
  }

  clearFaults(): Promise<unknown> {
    return this.#send('DELETE', '/faults');
  }

  async guests(): Promise<Guest[]> {
    return ((await this.#send('GET', '/state')) as { guests: Guest[] }).guests;
  }

  #send(method: string, path: string, body?: object): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const call = request({ socketPath: this.#socketPath, method, path }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      if (response.statusCode === 200) resolve(JSON.parse(text));
      else reject(new Error(`fleet: ${method} ${path}: ${text}`));
    });
    call.on('error', reject);
    call.end(body && JSON.stringify(body));
    return promise;
  }
}
