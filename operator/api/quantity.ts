import { z } from 'zod';
import { celMatches, INT_OR_STRING, withRules } from './schema.ts';

const FACTORS: Record<string, number> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** Kubernetes quantities of bytes, without the forms that nobody means by a size (`100m`, `1e3`, `-1`). */
const FORM = /^([0-9]+([.][0-9]+)?)(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/;

/** Bytes of a quantity such as `1.5Gi`; NaN for a text that is none. */
export function quantityBytes(text: string): number {
  const match = FORM.exec(text);
  return match ? Number(match[1]) * (FACTORS[match[3] ?? ''] ?? Number.NaN) : Number.NaN;
}

interface Bounds {
  min: string;
  max: string;
}

/**
 * An amount of bytes as a Kubernetes quantity, within bounds that are quantities themselves. Numbers get as far
 * as the rule, and no further: `memory: 2` is what everyone writes once, and deserves better than a type error.
 */
export function byteQuantity({ min, max }: Bounds) {
  return withRules(sizeText({ min, max }), within({ min, max }, 'type(self) == string && ')).meta({
    [INT_OR_STRING]: true,
  });
}

/** The same where there can be many: what a rule may cost leaves no room for numbers. */
export function listedByteQuantity({ min, max }: Bounds) {
  return withRules(sizeText({ min, max }), within({ min, max }));
}

const sizeText = (bounds: Bounds) => z.string({ error: messageOf(bounds) }).max(32);

const messageOf = ({ min, max }: Bounds) =>
  `must be a size from ${min} to ${max}, written as digits and a unit: 512Mi, 20Gi or 1.5Ti`;

function within({ min, max }: Bounds, first = '') {
  const bounds = `quantity(self).compareTo(quantity('${min}')) >= 0 && quantity(self).compareTo(quantity('${max}')) <= 0`;
  return {
    rule: `${first}${celMatches('self', FORM)} && ${bounds}`,
    message: messageOf({ min, max }),
    check: (text: string) =>
      quantityBytes(text) >= quantityBytes(min) && quantityBytes(text) <= quantityBytes(max),
  };
}
