import type { Claim } from '#api/nodeledger.ts';
import { DEFAULT_PROFILE } from '#core/scheduling/profile.ts';
import type { RequestSpec } from '#core/scheduling/request-spec.ts';
import type { PlaceRequest } from '#ports/scheduler.ts';
import { pick, seededRandom } from '../faults/random.ts';
import type { Racer } from './racer.ts';

export interface RaceOptions {
  /** Claims to be made in all, each to be released. */
  claims: number;
  /** Claims that a racer asks for at once. */
  wave: number;
  /** Claims held by all racers at most; above what the nodes hold, some are refused. */
  mostHeld: number;
  seed: number;
  /** What the racers hold is to be looked at now, by claim's uid, with the node; nothing is in flight. */
  check?: (held: ReadonlyMap<string, string>) => Promise<void>;
  /** Looks after so many claims. */
  checkEvery?: number;
}

export interface Tally {
  claimed: number;
  released: number;
  /** For want of room. */
  refused: number;
  /** Lost so many races that the scheduler gave it up: the operator's queue would ask again. */
  beaten: number;
  seconds: number;
}

const SIZES = [
  { vcpus: 1, memoryMiB: 1024, overheadMiB: 180, diskGiB: 10 },
  { vcpus: 2, memoryMiB: 4096, overheadMiB: 220, diskGiB: 20 },
  { vcpus: 4, memoryMiB: 8192, overheadMiB: 260, diskGiB: 0 },
] as const;

/** Schedulers that claim and release in waves, each with its own view, and release what any of them claimed. */
export async function race(racers: readonly Racer[], options: RaceOptions): Promise<Tally> {
  const random = seededRandom(options.seed);
  const held = new Map<string, string>();
  const tally = { claimed: 0, released: 0, refused: 0, beaten: 0 };
  const began = performance.now();
  let asked = 0;

  const claimWave = async ({ scheduler }: Racer) => {
    const requests = Array.from({ length: options.wave }, () =>
      requestOf(`c-${asked++}`, pick(random, SIZES)),
    );
    await Promise.all(
      requests.map(async (request) => {
        const decision = await scheduler.place(request).catch(toBeaten);
        if (decision.kind === 'beaten') tally.beaten++;
        else if (decision.kind === 'noValidHost') tally.refused++;
        else {
          tally.claimed++;
          held.set(request.claim.uid, decision.host);
        }
      }),
    );
  };
  const releaseWave = async ({ ledgers }: Racer, most: number) => {
    const mine: [string, string][] = [];
    for (const entry of held) if (mine.length < most && random() < 0.5) mine.push(entry);
    for (const [uid] of mine) held.delete(uid);
    const byNode = Map.groupBy(mine, ([, nodeName]) => nodeName);
    await Promise.all(
      [...byNode].map(([nodeName, all]) => release(ledgers, nodeName, new Set(all.map(([uid]) => uid)))),
    );
    tally.released += mine.length;
  };
  const run = async (racer: Racer, until: number) => {
    while (tally.claimed < until) {
      await claimWave(racer);
      while (held.size > options.mostHeld - options.wave * racers.length)
        await releaseWave(racer, options.wave * 2);
    }
  };

  const every = options.checkEvery ?? options.claims;
  for (let until = every; ; until += every) {
    await Promise.all(racers.map((racer) => run(racer, Math.min(until, options.claims))));
    await options.check?.(held);
    if (until >= options.claims) break;
  }
  while (held.size > 0) await Promise.all(racers.map((racer) => releaseWave(racer, options.wave * 8)));
  await options.check?.(held);
  return { ...tally, seconds: (performance.now() - began) / 1000 };
}

/** A model tells of a write within so many turns; a real API server takes its time. */
const SOON = 20;

/** Any other failure is one. */
function toBeaten(error: unknown): { kind: 'beaten' } {
  if (error instanceof Error && error.message.startsWith('lost the race')) return { kind: 'beaten' };
  throw error;
}

async function release(ledgers: Racer['ledgers'], nodeName: string, uids: Set<string>): Promise<void> {
  for (let tries = 1; ; tries++) {
    const outcome = await ledgers.write(nodeName, (claims) => {
      // What another scheduler claimed may not be seen here yet: then the write has to wait for it.
      const left = claims.filter(({ uid }) => !uids.has(uid));
      return claims.length - left.length === uids.size ? left : undefined;
    });
    if (outcome === 'written') return;
    if (outcome === 'lost') throw new Error(`the ledger of ${nodeName} is lost`);
    await (tries < SOON ? new Promise(setImmediate) : new Promise((resolve) => setTimeout(resolve, 2)));
  }
}

export function requestOf(
  uid: string,
  resources: (typeof SIZES)[number],
  rest: Partial<RequestSpec> = {},
): PlaceRequest {
  const claim: Claim = {
    uid,
    ownerKind: 'Instance',
    namespace: 'races',
    name: uid,
    instanceUid: uid,
    ...resources,
    requestId: 'req-00000000-0000-4000-8000-000000000000',
  };
  return { request: { ownerUid: uid, resources, ...rest }, claim, profile: DEFAULT_PROFILE };
}
