import type { ConnectionOptions } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';
import { type Dispatcher, Pool, ProxyAgent } from 'undici';

/** Which connections a request takes: `urgent` (the lease) never waits behind the ordinary ones. */
export type Lane = 'normal' | 'urgent' | 'watch';

/** kube-apiserver drops a connection that was idle for 90 s, load balancers some at 60 s: be the first to hang up. */
const idleConnectionMs = 30_000;

/** The kernel's first probe; with Node's ten probes a second apart, a dead peer is known after 40 s. */
const keepAliveInitialDelayMs = 30_000;

const connectTimeoutMs = 10_000;

/** The sockets to one API server with one set of credentials, in lanes that do not wait for one another. */
export class Connections {
  readonly #lanes: Record<Lane, Dispatcher>;

  constructor(server: string, kubeConfig: KubeConfig, tls: ConnectionOptions, maxSockets: number) {
    const proxy = kubeConfig.getCurrentCluster()?.proxyUrl;
    const open = (sockets: number | null): Dispatcher =>
      proxy ? throughProxy(proxy, tls, server, sockets) : direct(server, tls, sockets);
    this.#lanes = { normal: open(maxSockets), urgent: open(1), watch: open(null) };
  }

  lane(lane: Lane): Dispatcher {
    return this.#lanes[lane];
  }

  /** Closes each connection once what runs on it has ended; watches go on until their own end. */
  async retire(): Promise<void> {
    await Promise.allSettled(Object.values(this.#lanes).map((lane) => lane.close()));
  }

  async destroy(): Promise<void> {
    await Promise.allSettled(Object.values(this.#lanes).map((lane) => lane.destroy()));
  }
}

function poolOptions(sockets: number | null): Pool.Options {
  return {
    connections: sockets,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: idleConnectionMs,
    keepAliveMaxTimeout: idleConnectionMs,
  };
}

function direct(server: string, tls: ConnectionOptions, sockets: number | null): Dispatcher {
  const connect = {
    ...tls,
    timeout: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveInitialDelayMs,
  };
  return new Pool(new URL(server).origin, { ...poolOptions(sockets), connect } as Pool.Options);
}

function throughProxy(
  proxy: string,
  tls: ConnectionOptions,
  server: string,
  sockets: number | null,
): Dispatcher {
  if (!/^https?:/.test(proxy))
    throw new Error(`proxy-url ${proxy}: only http and https proxies are supported`);
  const agent = new ProxyAgent({
    uri: proxy,
    requestTls: tls as ProxyAgent.Options['requestTls'],
    ...poolOptions(sockets),
  });
  const origin = new URL(server).origin;
  return agent.compose((dispatch) => (options, handler) => dispatch({ ...options, origin }, handler));
}
