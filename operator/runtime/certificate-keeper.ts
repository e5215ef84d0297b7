import type { KeyedCertificate } from './certificates.ts';
import type { KubeClient } from './client.ts';
import type { Logger } from './logger.ts';
import type { Key } from './resource.ts';
import type { Runnable } from './runnable.ts';
import { sleep } from './sleep.ts';
import { bundleOf, defaultTrust, renewed, type Trust, type TrustSettings } from './trust.ts';
import { shareTrust } from './trust-secret.ts';

export interface CertificateKeeperOptions {
  client: KubeClient;
  /** "namespace/name" of the Secret that the replicas share. */
  secret: Key;
  /** Under which the API server calls: "<service>.<namespace>.svc". */
  dnsNames: string[];
  logger: Logger;
  /** A serving certificate to be used from now on. */
  onServing: (certificate: KeyedCertificate) => void;
  /** Puts the bundle (PEM) where the API server reads it. Called at every check; must write only what differs. */
  onBundle: (bundle: string) => Promise<void>;
  settings?: Partial<TrustSettings>;
  /** 1 minute unless set. */
  checkEveryMs?: number;
  now?: () => Date;
}

/** Keeps a serving certificate at hand and the API server's trust in it, for as long as it runs. */
export class CertificateKeeper implements Runnable {
  readonly name = 'certificates';
  readonly #options: CertificateKeeperOptions;
  readonly #settings: TrustSettings;
  readonly #logger: Logger;
  readonly #ready = Promise.withResolvers<void>();
  #servingCert = '';
  #publishedBundle = '';
  #trouble: string | undefined = 'certificates: none yet';

  constructor(options: CertificateKeeperOptions) {
    this.#options = options;
    this.#settings = { ...defaultTrust, ...options.settings, dnsNames: options.dnsNames };
    this.#logger = options.logger.child({ module: 'certificates' });
  }

  /** Resolves once there is a serving certificate and its bundle is published. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  trouble(): string | undefined {
    return this.#trouble;
  }

  async run(stop: AbortSignal): Promise<void> {
    const everyMs = this.#options.checkEveryMs ?? 60_000;
    while (!stop.aborted) {
      const well = await this.#checkAndTell();
      const waitMs = well ? everyMs : Math.min(everyMs, 2_000);
      await sleep(waitMs * (0.8 + 0.4 * Math.random()), stop).catch(() => {});
    }
  }

  /** One round: renew what is due, serve with what is in force, publish what is to be trusted. */
  async check(): Promise<void> {
    const { client, secret, onBundle, now = () => new Date() } = this.#options;
    const trust = await shareTrust(client, secret, (held) =>
      renewed(held, this.#settings, now(), this.#isPublished(held)),
    );
    this.#serve(trust.serving);
    const bundle = bundleOf(trust);
    await onBundle(bundle);
    if (bundle !== this.#publishedBundle) this.#logger.info({ secret }, 'CA bundle published');
    this.#publishedBundle = bundle;
    this.#ready.resolve();
  }

  async #checkAndTell(): Promise<boolean> {
    try {
      await this.check();
      this.#trouble = undefined;
      return true;
    } catch (error) {
      this.#trouble = `certificates: ${error instanceof Error ? error.message : error}`;
      this.#logger.warn({ err: error }, 'certificates could not be checked');
      return false;
    }
  }

  #isPublished(trust: Trust | undefined): boolean {
    return trust !== undefined && bundleOf(trust) === this.#publishedBundle;
  }

  #serve(serving: KeyedCertificate): void {
    if (serving.cert === this.#servingCert) return;
    this.#options.onServing(serving);
    this.#servingCert = serving.cert;
    this.#logger.info('serving certificate in use');
  }
}
