import { expiryOf, fits, issueCa, issuedAt, issueServing, type KeyedCertificate } from './certificates.ts';

/** All that the replicas share: what they serve with, and what the API server trusts. */
export interface Trust {
  signer: KeyedCertificate;
  /** The authority to come: trusted already, signing nothing yet. */
  next?: KeyedCertificate;
  /** Authorities that signed before: trusted until they expire. */
  retired: string[];
  serving: KeyedCertificate;
}

export interface TrustSettings {
  dnsNames: string[];
  caValidMs: number;
  caRenewBeforeMs: number;
  /** How long a new authority is trusted before it signs: every API server must have heard of it. */
  overlapMs: number;
  servingValidMs: number;
  servingRenewBeforeMs: number;
}

const dayMs = 86_400_000;

export const defaultTrust: Omit<TrustSettings, 'dnsNames'> = {
  caValidMs: 365 * dayMs,
  caRenewBeforeMs: 90 * dayMs,
  overlapMs: dayMs,
  servingValidMs: 60 * dayMs,
  servingRenewBeforeMs: 20 * dayMs,
};

/** What the API server is to trust, as PEM: every authority that signed, signs, or will. */
export function bundleOf(trust: Trust): string {
  const authorities = [trust.signer.cert, ...(trust.next ? [trust.next.cert] : []), ...trust.retired];
  return authorities.map((pem) => `${pem.replaceAll('\r', '').trim()}\n`).join('');
}

/**
 * What is to be in force at `now`: the same object when nothing has to change. A new authority is introduced well
 * before the old one ends, and takes over after the overlap, if `published` says that its bundle is in place.
 */
export function renewed(
  trust: Trust | undefined,
  settings: TrustSettings,
  now: Date,
  published: boolean,
): Trust {
  if (!trust) return withServing({ signer: newCa(settings, now), retired: [] }, settings, now);
  const steps = [dropExpired, introduce, promote, reissue];
  return steps.reduce((state, step) => step(state, settings, now, published), trust);
}

function newCa(settings: TrustSettings, now: Date): KeyedCertificate {
  return issueCa('berth webhook', { now, validMs: settings.caValidMs });
}

function withServing(trust: Omit<Trust, 'serving'>, settings: TrustSettings, now: Date): Trust {
  const validMs = Math.min(settings.servingValidMs, leftMs(trust.signer.cert, now));
  return { ...trust, serving: issueServing(trust.signer, settings.dnsNames, { now, validMs }) };
}

function leftMs(pem: string, now: Date): number {
  return expiryOf(pem).getTime() - now.getTime();
}

function dropExpired(trust: Trust, _: TrustSettings, now: Date): Trust {
  const retired = trust.retired.filter((pem) => leftMs(pem, now) > 0);
  return retired.length === trust.retired.length ? trust : { ...trust, retired };
}

function introduce(trust: Trust, settings: TrustSettings, now: Date): Trust {
  const early = leftMs(trust.signer.cert, now) > settings.caRenewBeforeMs;
  return trust.next || early ? trust : { ...trust, next: newCa(settings, now) };
}

function promote(trust: Trust, settings: TrustSettings, now: Date, published: boolean): Trust {
  const { next, signer, retired } = trust;
  if (!next) return trust;
  const known = published && now.getTime() - issuedAt(next.cert).getTime() >= settings.overlapMs;
  const tooLate = leftMs(signer.cert, now) <= 0;
  if (!known && !tooLate) return trust;
  return withServing({ signer: next, retired: [...retired, signer.cert] }, settings, now);
}

function reissue(trust: Trust, settings: TrustSettings, now: Date): Trust {
  const { cert } = trust.serving;
  const lasts =
    leftMs(cert, now) > Math.min(settings.servingRenewBeforeMs, leftMs(trust.signer.cert, now) / 2);
  const good = lasts && fits(cert, trust.signer.cert, settings.dnsNames);
  return good ? trust : withServing(trust, settings, now);
}
