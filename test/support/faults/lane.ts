import type { Claim } from '#api/nodeledger.ts';
import type { ApiRequest } from './api-request.ts';
import type { Fault, FaultProxy, Rule } from './fault-proxy.ts';
import type { Blow, SeedPlan } from './plan.ts';
import { pick, seededRandom } from './random.ts';
import { type WriteKind, writeKindOf } from './write-kinds.ts';

/** Seeds run side by side, each in a zone and a namespace of its own: its faults strike nothing else. */
export interface Lane {
  zone: string;
  nodes: readonly string[];
}

const MOST_MISHAPS = 10;

/** The rules by which a seed's plan strikes what concerns its namespace and its nodes. */
export function rulesOf(
  plan: SeedPlan,
  { nodes }: Lane,
  namespace: string,
  { proxy, crash }: { proxy: FaultProxy; crash: () => Promise<void> },
): { strike: Rule; mishaps: Rule } {
  const ledgers = new Map<string, readonly Claim[]>();
  const before = proxy.onWritten;
  proxy.onWritten = (request, answer) => {
    before(request, answer);
    if (request.resource === 'nodeledgers' && request.name !== undefined)
      ledgers.set(request.name, (answer as { spec?: { claims?: Claim[] } } | undefined)?.spec?.claims ?? []);
  };
  const concerns = ({ resource, namespace: its, name = '' }: ApiRequest) =>
    resource === 'nodeledgers' ? nodes.includes(name) : its === namespace;
  const kindOf = (request: ApiRequest): WriteKind | undefined =>
    concerns(request) ? writeKindOf(request, ledgers.get(request.name ?? '') ?? []) : undefined;
  const { kind, blow, nth } = plan.strike;
  const random = seededRandom(-1 - plan.seed);
  const strike = {
    matches: (request: ApiRequest) => kindOf(request) === kind,
    nth,
    fault: faultOf(blow, crash),
  };
  const mishaps: Rule = {
    matches: (request) =>
      kindOf(request) !== undefined && kindOf(request) !== kind && random() * plan.mishaps < 1,
    times: MOST_MISHAPS,
    get fault(): Fault {
      return pick(random, MISHAPS);
    },
  };
  return { strike, mishaps };
}

const MISHAPS: readonly Fault[] = [
  { kind: 'delay', ms: 100 },
  { kind: 'refuse', code: 429 },
  { kind: 'refuse', code: 500 },
  { kind: 'cut', when: 'before' },
  { kind: 'cut', when: 'after' },
];

function faultOf(blow: Blow, crash: () => Promise<void>): Fault {
  if (typeof blow === 'number') return { kind: 'refuse', code: blow };
  const when = blow.endsWith('Before') ? 'before' : 'after';
  return { kind: 'cut', when, ...(blow.startsWith('die') && { act: crash }) };
}
