import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { KeyedCertificate } from './certificates.ts';
import type { Logger } from './logger.ts';
import type { Runnable } from './runnable.ts';
import { sleep } from './sleep.ts';

export interface CertificateFilesOptions {
  /** Holds tls.crt and tls.key, as a mounted Secret of kubernetes.io/tls does. */
  folder: string;
  logger: Logger;
  /** A serving certificate to be used from now on. */
  onServing: (certificate: KeyedCertificate) => void;
  /** 10 seconds unless set: the kubelet takes a minute or more to bring a renewed Secret. */
  checkEveryMs?: number;
}

/** Serves with a certificate that somebody else renews in files, such as cert-manager. */
export class CertificateFiles implements Runnable {
  readonly name = 'certificates';
  readonly #options: CertificateFilesOptions;
  readonly #logger: Logger;
  #serving: KeyedCertificate | undefined;
  #trouble: string | undefined = 'certificates: none yet';

  constructor(options: CertificateFilesOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ module: 'certificates' });
  }

  trouble(): string | undefined {
    return this.#trouble;
  }

  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.check();
      await sleep(this.#options.checkEveryMs ?? 10_000, stop).catch(() => {});
    }
  }

  /** Reads the files; what does not fit together, as in the middle of an exchange, leaves the certificate in use. */
  async check(): Promise<void> {
    const { folder, onServing } = this.#options;
    try {
      const [cert, key] = await Promise.all(
        ['tls.crt', 'tls.key'].map((name) => readFile(join(folder, name), 'utf8')),
      );
      if (cert === undefined || key === undefined) return;
      if (cert !== this.#serving?.cert || key !== this.#serving.key) {
        createSecureContext({ cert, key });
        onServing({ cert, key });
        this.#serving = { cert, key };
        this.#logger.info({ folder }, 'serving certificate in use');
      }
      this.#trouble = undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!this.#serving) this.#trouble = `certificates: ${message}`;
      this.#logger.warn({ folder, message }, 'the certificate could not be read');
    }
  }
}
