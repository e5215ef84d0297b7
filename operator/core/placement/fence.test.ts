import { describe, expect, test } from 'vitest';
import { covers, type GuestPod, type NodeFacts, otherGuests, proofOf } from './fence.ts';

const silent = { ready: false, readyChanged: '2026-01-01T10:00:00Z', outOfService: false };
const word = (at: string) => ({ reason: 'power cut', by: 'anna', at });
const facts = (changes: Partial<NodeFacts>): NodeFacts => ({
  node: silent,
  goneSince: undefined,
  attestation: undefined,
  ...changes,
});

describe('a node is proven off', () => {
  test.each<[string, NodeFacts]>([
    ['by the out-of-service taint', facts({ node: { ...silent, outOfService: true } })],
    [
      'by a word given after the kubelet fell silent',
      facts({ attestation: word('2026-01-01T10:05:00.000Z') }),
    ],
    [
      'by a word given after the Node was gone',
      facts({
        node: undefined,
        goneSince: '2026-01-01T10:00:00.500Z',
        attestation: word('2026-01-01T10:00:00.700Z'),
      }),
    ],
  ])('%s', (_, known) => expect(proofOf(known)).toBeDefined());

  test('and the word names who gave it, when and why', () => {
    const proof = proofOf(facts({ attestation: word('2026-01-01T10:05:00.000Z') }));
    expect(proof?.word).toBe('anna at 2026-01-01T10:05:00.000Z: power cut');
  });
});

describe('it is not', () => {
  const reporting = { ready: true, readyChanged: '2026-01-01T09:00:00Z', outOfService: true };
  test.each<[string, NodeFacts]>([
    ['by time that passed', facts({})],
    [
      'while its kubelet reports, whatever is said',
      facts({ node: reporting, attestation: word('2026-01-01T10:05:00.000Z') }),
    ],
    ['by a word given before it fell silent', facts({ attestation: word('2026-01-01T09:59:59.000Z') })],
    [
      'by a word of the same second, which may have come first',
      facts({ attestation: word('2026-01-01T10:00:00.900Z') }),
    ],
    ['by a word without a time', facts({ attestation: { reason: 'power cut' } })],
    [
      'by a word on a Node that is missing, nobody knows since when',
      facts({ node: undefined, attestation: word('2026-01-01T10:05:00.000Z') }),
    ],
  ])('%s', (_, known) => expect(proofOf(known)).toBeUndefined());
});

test('a word speaks of the pods that were bound before it, the taint of all', () => {
  const bound = (lastTransitionTime: string) => ({
    status: { conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime }] },
  });
  const proof = { offAtMs: Date.parse('2026-01-01T10:05:00.500Z'), word: '' };
  expect(covers(proof, bound('2026-01-01T10:04:59Z'))).toBe(true);
  expect(covers(proof, bound('2026-01-01T10:05:00Z'))).toBe(false);
  expect(covers(proof, bound('2026-01-01T10:06:00Z'))).toBe(false);
  expect(covers(proof, {})).toBe(false);
  expect(covers({ offAtMs: undefined, word: '' }, {})).toBe(true);
});

test('other guests are those that may run: bound or to be bound, and not over', () => {
  const pod = (
    name: string,
    changes: { phase?: string; gated?: boolean; nodeName?: string } = {},
  ): GuestPod => ({
    metadata: { name, uid: name, resourceVersion: '1' },
    spec: {
      ...(changes.gated && { schedulingGates: [{ name: 'compute.berth.dev/placement' }] }),
      ...(changes.nodeName !== undefined && { nodeName: changes.nodeName }),
    },
    status: { phase: changes.phase ?? 'Pending' },
  });
  const next = pod('next', { gated: true });
  const all = [
    next,
    pod('gated', { gated: true }),
    pod('over', { phase: 'Succeeded' }),
    pod('bound', { nodeName: 'a' }),
    pod('let-through'),
  ];
  expect(otherGuests(next, all).map(({ metadata }) => metadata.name)).toEqual(['bound', 'let-through']);
});
