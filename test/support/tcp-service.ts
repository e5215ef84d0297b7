import { connect, createServer, type Server, type Socket } from 'node:net';
import { listen } from '#runtime/listen.ts';

/** A Service on loopback: each new connection goes to the next of its endpoints. One that is taken out keeps those that it has. */
export class TcpService {
  readonly #server: Server = createServer((client) => this.#accept(client));
  #endpoints: number[] = [];
  #next = 0;

  listen(): Promise<number> {
    return listen(this.#server, 0, '127.0.0.1');
  }

  add(port: number): void {
    this.#endpoints.push(port);
  }

  remove(port: number): void {
    this.#endpoints = this.#endpoints.filter((it) => it !== port);
  }

  close(): void {
    this.#server.close();
  }

  #accept(client: Socket): void {
    const port = this.#endpoints[this.#next++ % this.#endpoints.length];
    if (port === undefined) return void client.destroy();
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
    }
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }
}
