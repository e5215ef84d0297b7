import type { Claim } from '#api/nodeledger.ts';
import { decideMany } from '#core/scheduling/decide.ts';
import type { Decision, NoValidHost, Placed } from '#core/scheduling/decision.ts';
import { Plans } from '#core/scheduling/plans.ts';
import type { Profile } from '#core/scheduling/profile.ts';
import type { RequestSpec } from '#core/scheduling/request-spec.ts';
import { largestOf } from '#core/scheduling/resources.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import type { GroupReservations } from '#ports/reservations.ts';
import type { PlaceRequest, Scheduler } from '#ports/scheduler.ts';
import { NO_TELEMETRY, type Telemetry } from '#ports/telemetry.ts';
import type { Shadows } from '../schedulerprofile/shadows.ts';
import type { Surge } from '../surge.ts';
import type { FleetKeeper } from './fleet-keeper.ts';

interface Waiting extends PlaceRequest {
  resolve(decision: Placed | NoValidHost): void;
  reject(error: unknown): void;
  losses: number;
}

interface Chosen {
  waiting: Waiting;
  decision: Placed;
}

/** Losing so many races for one request means that something else is wrong. */
const MAX_LOSSES = 20;

/**
 * Decides for all requests that wait in one pass, then writes the claims of each node together. A node whose ledger
 * somebody else wrote first gives its requests back to the next pass; nothing is ever claimed on a stale view.
 */
export class BatchScheduler implements Scheduler {
  readonly #keeper: FleetKeeper;
  readonly #ledgers: Ledgers;
  readonly #groups: GroupReservations;
  readonly #shadows: Shadows;
  readonly #surge: Surge;
  readonly #telemetry: Telemetry;
  /** Forgotten with the profile, which is another object once it is changed. */
  readonly #plans = new WeakMap<Profile, Plans>();
  #waiting: Waiting[] = [];
  #running = false;

  constructor(
    keeper: FleetKeeper,
    ledgers: Ledgers,
    groups: GroupReservations,
    shadows: Shadows,
    surge: Surge,
    telemetry: Telemetry = NO_TELEMETRY,
  ) {
    this.#keeper = keeper;
    this.#ledgers = ledgers;
    this.#groups = groups;
    this.#shadows = shadows;
    this.#surge = surge;
    this.#telemetry = telemetry;
  }

  place(request: PlaceRequest): Promise<Placed | NoValidHost> {
    this.#surge.asked();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...request, resolve, reject, losses: 0 });
      if (!this.#running) void this.#run();
    });
  }

  /** Yields once before the first pass, so that requests of the same moment share it. */
  async #run(): Promise<void> {
    this.#running = true;
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#pass(this.#waiting.splice(0));
    this.#running = false;
  }

  async #pass(batch: Waiting[]): Promise<void> {
    const byNode = new Map<string, Chosen[]>();
    try {
      this.#decide(batch, byNode);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
      return;
    }
    await Promise.all([...byNode].map(([nodeName, chosen]) => this.#claim(nodeName, chosen)));
  }

  #decide(batch: Waiting[], byNode: Map<string, Chosen[]>): void {
    for (const waiting of batch) {
      const decision = this.#decideOne(waiting);
      if (decision.kind === 'noValidHost') waiting.resolve(decision);
      else byNode.set(decision.host, [...(byNode.get(decision.host) ?? []), { waiting, decision }]);
    }
  }

  /** Shadows decide before the claim is consumed in the snapshot: on what the active profile sees. */
  #decideOne({ request, claim, profile, held }: PlaceRequest): Decision {
    if (held) return this.#decideBeside(held, { request, claim, profile });
    const drawn = { ...this.#withGroupHosts(request, claim), draw: Math.random() };
    const tell = this.#shadows.decide(profile, claim.requestId ?? '', (shadow) =>
      this.#plansOf(shadow).decide(drawn),
    );
    const begin = performance.now();
    const [decision] = decideMany(this.#keeper.fleet, [drawn], profile, this.#plansOf(profile));
    if (!decision) throw new Error('a request was left without a decision');
    this.#telemetry.decided(decision, (performance.now() - begin) / 1000);
    tell(decision);
    return decision;
  }

  /** As if what the owner holds were not there, so that it can stay; and counted again after that. */
  #decideBeside(held: NonNullable<PlaceRequest['held']>, asked: PlaceRequest): Decision {
    const { fleet } = this.#keeper;
    const host = fleet.indexOf(held.nodeName);
    if (host === undefined) return this.#decideOne(asked);
    fleet.release(host, held);
    const decision = this.#decideOne(asked);
    const { request, claim } = asked;
    const stays = decision.kind === 'placed' && decision.host === held.nodeName;
    if (stays) fleet.release(host, request.resources, request);
    fleet.claim(host, stays ? largestOf(held, claim) : held);
    return decision;
  }

  /** Members of an affinity group that others have decided on count before their claims are seen. */
  #withGroupHosts(request: RequestSpec, { instanceUid }: Claim): RequestSpec {
    const key = affinityKeyOf(request);
    const groupHosts = key === undefined ? undefined : this.#groups.nodesLeft(key, instanceUid);
    return groupHosts ? { ...request, ties: { ...request.ties, groupHosts } } : request;
  }

  #plansOf(profile: Profile): Plans {
    const known = this.#plans.get(profile) ?? new Plans(this.#keeper.fleet, profile);
    this.#plans.set(profile, known);
    return known;
  }

  /** Only onto the claims that were decided on: reserving takes time, in which others may have written. */
  async #claim(nodeName: string, all: Chosen[]): Promise<void> {
    const decidedOn = this.#ledgers.claimsOn(nodeName);
    const chosen = await this.#reserve(nodeName, all);
    if (chosen.length === 0) return;
    try {
      const claims = chosen.map(({ waiting }) => claimOn(nodeName, waiting));
      const uids = new Set(claims.map(({ uid }) => uid));
      const outcome = await this.#ledgers.write(nodeName, (held) =>
        held === decidedOn ? [...held.filter(({ uid }) => !uids.has(uid)), ...claims] : undefined,
      );
      if (outcome === 'written') for (const { waiting, decision } of chosen) waiting.resolve(decision);
      else this.#giveBack(nodeName, chosen, outcome);
    } catch (error) {
      this.#fail(nodeName, chosen, error);
    }
  }

  #fail(nodeName: string, chosen: Chosen[], error: unknown): void {
    this.#keeper.refresh(nodeName);
    for (const { waiting } of chosen) waiting.reject(error);
  }

  /** One more write for each affinity group that has members among them. Those that may go on are returned. */
  async #reserve(nodeName: string, chosen: Chosen[]): Promise<Chosen[]> {
    const byGroup = Map.groupBy(chosen, ({ waiting }) => affinityKeyOf(waiting.request));
    const reserving = [...byGroup].map(async ([key, members]) =>
      key === undefined || (await this.#reserveGroup(key, nodeName, members)) ? members : [],
    );
    return (await Promise.all(reserving)).flat();
  }

  async #reserveGroup(key: string, nodeName: string, members: Chosen[]): Promise<boolean> {
    const claims = members.map(({ waiting: { claim, held } }) => ({ ...claim, beside: held !== undefined }));
    try {
      const isReserved = (await this.#groups.reserve(key, nodeName, claims)) === 'reserved';
      if (!isReserved) this.#giveBack(nodeName, members, 'refused');
      return isReserved;
    } catch (error) {
      this.#fail(nodeName, members, error);
      return false;
    }
  }

  #giveBack(nodeName: string, chosen: Chosen[], outcome: string): void {
    this.#keeper.refresh(nodeName);
    if (outcome === 'lost') this.#keeper.fleet.removeHost(nodeName);
    for (const { waiting } of chosen) {
      waiting.losses++;
      if (waiting.losses < MAX_LOSSES) this.#waiting.push(waiting);
      else waiting.reject(new Error(`lost the race for a claim ${MAX_LOSSES} times, at last on ${nodeName}`));
    }
  }
}

function claimOn(nodeName: string, { claim, held }: PlaceRequest): Claim {
  return held?.nodeName === nodeName ? { ...claim, ...largestOf(held, claim) } : claim;
}

/** Of a request that has to stay with its group. Members that are to be apart meet in one node's ledger anyway. */
function affinityKeyOf({ group, ties }: RequestSpec): string | undefined {
  return group?.policy === 'affinity' ? ties?.groupKey : undefined;
}
