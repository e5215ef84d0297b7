import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inNetwork, parseAddress } from './ip-network.ts';

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((text) => !text.includes('.')),
);

test('for any addresses and lengths: as Node’s own block list says', () => {
  fc.assert(
    fc.property(address, address, fc.nat({ max: 128 }), (base, other, length) => {
      const family = (text: string) => (isIP(text) === 4 ? 'ipv4' : 'ipv6');
      fc.pre(length <= (isIP(base) === 4 ? 32 : 128));
      const list = new BlockList();
      list.addSubnet(base, length, family(base));
      const expected = family(base) === family(other) && list.check(other, family(other));
      expect(inNetwork(base, `/${length}`)!(parseAddress(other)!)).toBe(expected);
    }),
  );
});

test.each(['', '1.2.3', '1.2.3.256', '1.2.3.4.5', '::1::', ':::', '1:2:3:4:5:6:7:8:9', 'g::', 'host'])(
  '%s is no address',
  (text) => {
    expect(parseAddress(text)).toBeUndefined();
  },
);
