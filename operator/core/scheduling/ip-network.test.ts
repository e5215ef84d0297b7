import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inNetwork, parseAddress } from './ip-network.ts';

const address = fc.oneof(fc.ipV4(), fc.ipV6());

test('for any addresses and lengths: as Node’s own block list says', () => {
  fc.assert(
    fc.property(address, address, fc.nat({ max: 128 }), (base, other, length) => {
      const family = (text: string) => (isIP(text) === 4 ? 'ipv4' : 'ipv6');
      fc.pre(length <= (isIP(base) === 4 ? 32 : 128));
      const list = new BlockList();
      list.addSubnet(base, length, family(base));
      const expected = family(base) === family(other) && list.check(other, family(other));
      expect(inNetwork(`${base}/${length}`)!(parseAddress(other)!)).toBe(expected);
    }),
  );
});

test.each(['', '1.2.3', '1.2.3.256', '1.2.3.4.5', '::1::', ':::', '1:2:3:4:5:6:7:8:9', 'g::', 'host'])(
  '%s is no address',
  (text) => {
    expect(parseAddress(text)).toBeUndefined();
  },
);

test.each([
  ['192.0.2.1/24', '192.0.2.9', true],
  ['192.0.2.1/255.255.255.0', '192.0.2.9', true],
  ['192.0.2.1/0.0.0.255', '192.0.2.9', true],
  ['192.0.2.1/0.0.0.0', '203.0.113.1', true],
  ['192.0.2.1/255.255.255.255', '192.0.2.2', false],
  ['2001:db8::/ffff:ffff::', '2001:db8:1::', true],
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['192.0.2.1/2_4', '192.0.2.9', true],
  ['192.0.2.1/ +024', '192.0.2.9', true],
  ['::ffff:192.0.2.1/120', '::ffff:c000:209', true],
])('in the network %s is %s: %s', (network, text, expected) => {
  expect(inNetwork(network)!(parseAddress(text)!)).toBe(expected);
});

test.each([
  '192.0.2.1/33',
  '192.0.2.1/-1',
  '192.0.2.1/',
  '192.0.2.1/255.0.255.0',
  '192.0.2.1/ffff::',
  '192.0.2.01/24',
  '1/24',
])('%s is no network', (text) => {
  expect(inNetwork(text)).toBeUndefined();
});
