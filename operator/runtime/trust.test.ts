import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fits } from './certificates.ts';
import { bundleOf, defaultTrust, renewed, type Trust } from './trust.ts';

const dnsNames = ['berth.berth-system.svc', '127.0.0.1'];
const settings = { ...defaultTrust, dnsNames };
const dayMs = 86_400_000;
const day = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * dayMs);
const begun = renewed(undefined, settings, day(0), false);
const start = (): Trust => begun;

describe('from nothing', () => {
  test('an authority and a certificate that it signed for every name', () => {
    const trust = start();
    expect(fits(trust.serving.cert, trust.signer.cert, dnsNames)).toBe(true);
    expect(new X509Certificate(trust.signer.cert).ca).toBe(true);
    expect(bundleOf(trust).match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
  });

  test('nothing changes while nothing is due', () => {
    const trust = start();
    expect(renewed(trust, settings, day(1), true)).toBe(trust);
  });
});

describe('the serving certificate', () => {
  test('is renewed well before its end, by the same authority', () => {
    const trust = start();
    expect(renewed(trust, settings, day(39), true)).toBe(trust);
    const later = renewed(trust, settings, day(41), true);
    expect(later.serving.cert).not.toBe(trust.serving.cert);
    expect(later.signer).toBe(trust.signer);
    expect(fits(later.serving.cert, later.signer.cert, dnsNames)).toBe(true);
  });

  test('is renewed when a name is missing', () => {
    const more = { ...settings, dnsNames: [...dnsNames, 'other.svc'] };
    const trust = renewed(start(), more, day(1), true);
    expect(fits(trust.serving.cert, trust.signer.cert, ['other.svc'])).toBe(true);
  });
});

describe('the authority', () => {
  const due = day(280);

  test('its successor is trusted first and signs later', () => {
    const before = renewed(start(), settings, day(270), true);
    const introduced = renewed(before, settings, due, true);
    expect(introduced.next).toBeDefined();
    expect(introduced.signer).toBe(before.signer);
    expect(bundleOf(introduced)).toContain(introduced.next!.cert.replaceAll('\r', '').trim());
    expect(fits(introduced.serving.cert, before.signer.cert, dnsNames)).toBe(true);
  });

  test('takes over after the overlap, and the old one is still trusted', () => {
    const introduced = renewed(start(), settings, due, true);
    expect(renewed(introduced, settings, day(280.9), true).next).toBeDefined();
    const promoted = renewed(introduced, settings, day(281.1), true);
    expect(promoted.signer).toBe(introduced.next);
    expect(promoted.next).toBeUndefined();
    expect(promoted.retired).toEqual([introduced.signer.cert]);
    expect(fits(promoted.serving.cert, promoted.signer.cert, dnsNames)).toBe(true);
  });

  test('does not take over while its certificate is not known to be published', () => {
    const introduced = renewed(start(), settings, due, true);
    const waiting = renewed(introduced, settings, day(285), false);
    expect(waiting.signer).toBe(introduced.signer);
  });

  test('takes over all the same once the old one has expired', () => {
    const introduced = renewed(start(), settings, due, true);
    expect(renewed(introduced, settings, day(366), false).signer).toBe(introduced.next);
  });

  test('is dropped from the bundle once it has expired', () => {
    const introduced = renewed(start(), settings, due, true);
    const promoted = renewed(introduced, settings, day(282), true);
    expect(promoted.retired).toHaveLength(1);
    expect(renewed(promoted, settings, day(366), true).retired).toEqual([]);
  });

  test('is never the end of trust: at every look for two years, what serves was trusted at the look before', {
    timeout: 60_000,
  }, () => {
    let trust = start();
    for (let n = 1; n <= 2 * 365; n += 5) {
      const trustedBefore = bundleOf(trust);
      trust = renewed(trust, settings, day(n), true);
      const authorities = trustedBefore.split(/(?<=-----END CERTIFICATE-----\n)/).filter(Boolean);
      expect(authorities.some((ca) => fits(trust.serving.cert, ca, dnsNames))).toBe(true);
      expect(new X509Certificate(trust.serving.cert).validToDate.getTime()).toBeGreaterThan(
        day(n + 5).getTime(),
      );
    }
  });
});
