import { expect, test } from 'vitest';
import { networkOf } from './cluster.ts';

const node = (name: string, podCIDR: string, address: string) => ({
  metadata: { name },
  spec: { podCIDR },
  status: { addresses: [{ type: 'InternalIP', address }] },
});

test('a node gets its own range of addresses, and routes to those of the others', () => {
  const [one, two] = [node('one', '10.244.0.0/24', '172.18.0.2'), node('two', '10.244.1.0/24', '172.18.0.3')];
  const script = networkOf(one, [one, two]);
  expect(script).toContain('ip route replace 10.244.1.0/24 via 172.18.0.3');
  expect(script).not.toContain('via 172.18.0.2');
  expect(script).toContain('"subnet":"10.244.0.0/24"');
});
