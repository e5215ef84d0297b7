import type { ComputeNode } from '#api/computenode.ts';
import { NODE_LEDGER, type NodeLedger } from '#api/nodeledger.ts';
import { SERVER_GROUP, type ServerGroup } from '#api/servergroup.ts';
import type { GroupReservations } from '#ports/reservations.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { KubeObject, Resource } from '#runtime/resource.ts';
import { seededRandom } from '../faults/random.ts';
import { overCapacity } from '../invariants.ts';
import { ModelApi, type ModelEvent } from './model-api.ts';
import { computeNode, emptyCaches, type Racer, type RacerCaches, racerOn } from './racer.ts';

/** What a scheduler has not heard yet. */
interface Late {
  caches: RacerCaches;
  events: [Resource, ModelEvent][];
  due: boolean;
}

/** Active schedulers on a model of the API server. Each hears of changes late, by turns, and in order. */
export class ModelRace {
  readonly api = new ModelApi();
  readonly racers: Racer[] = [];
  readonly violations = new Set<string>();
  readonly computeNodes: readonly ComputeNode[];
  /** How many of the updates of ledgers are lost before the API server sees them: a crash before the claim. */
  crashes = 0;
  readonly #random: () => number;
  readonly #lates: Late[] = [];

  readonly #groups: GroupReservations | undefined;

  private constructor(nodes: number, seed: number, groups: GroupReservations | undefined) {
    this.#groups = groups;
    this.#random = seededRandom(seed);
    this.computeNodes = Array.from({ length: nodes }, (_, index) => computeNode(`node-${index}`));
  }

  static async of(
    schedulers: number,
    nodes: number,
    seed: number,
    groups?: GroupReservations,
  ): Promise<ModelRace> {
    const race = new ModelRace(nodes, seed, groups);
    for (const { metadata } of race.computeNodes)
      await race.api.create(NODE_LEDGER, { metadata: { name: metadata.name }, spec: { claims: [] } });
    for (let index = 0; index < schedulers; index++) await race.#addRacer();
    race.api.onEvent = (resource, event) => race.#heard(resource, event);
    return race;
  }

  async #addRacer(): Promise<void> {
    const caches = emptyCaches();
    const { items } = await this.api.list<NodeLedger>(NODE_LEDGER);
    caches.ledgers.replace(items, this.api.resourceVersion);
    caches.serverGroups.replace([], this.api.resourceVersion);
    this.#lates.push({ caches, events: [], due: false });
    this.racers.push(racerOn(this.#slow(), this.computeNodes, caches, this.#groups));
  }

  /** An answer takes a moment, in which others write. */
  #slow(): KubeClient {
    const slow =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        if (this.#random() < 0.3) await new Promise(setImmediate);
        const answer = await call(...args);
        if (this.#random() < 0.3) await new Promise(setImmediate);
        return answer;
      };
    const { api } = this;
    return {
      get: slow(api.get.bind(api)),
      create: slow(api.create.bind(api)),
      update: slow(async (resource: Resource, object: KubeObject) => {
        if (this.#random() < this.crashes) throw new Error('died before the claim');
        return api.update(resource, object);
      }),
      patch: slow(api.patch.bind(api)),
      delete: slow(api.delete.bind(api)),
    } as unknown as KubeClient;
  }

  /** Resolves once every scheduler has heard all. */
  async heardAll(): Promise<void> {
    while (this.#lates.some(({ due }) => due)) await new Promise(setImmediate);
  }

  #heard(resource: Resource, event: ModelEvent): void {
    if (resource.plural === NODE_LEDGER.plural) this.#check(event.object as NodeLedger);
    for (const late of this.#lates) {
      late.events.push([resource, event]);
      if (late.due) continue;
      late.due = true;
      this.#deliver(late, 1 + Math.floor(this.#random() * 5));
    }
  }

  #deliver(late: Late, turns: number): void {
    setImmediate(() => {
      if (turns > 0) return this.#deliver(late, turns - 1);
      late.due = false;
      for (const [resource, { type, object }] of late.events.splice(0)) {
        if (resource.plural === NODE_LEDGER.plural) late.caches.ledgers.observe(type, object as NodeLedger);
        if (resource.plural === SERVER_GROUP.plural)
          late.caches.serverGroups.observe(type, object as ServerGroup);
      }
    });
  }

  #check(ledger: NodeLedger): void {
    const node = this.computeNodes.find(({ metadata }) => metadata.name === ledger.metadata.name);
    if (node) for (const violation of overCapacity(ledger, node)) this.violations.add(violation);
  }
}

/** @throws unless the ledgers hold what the racers believe to hold, and nothing else */
export async function sameClaims(
  ledgers: readonly NodeLedger[],
  held: ReadonlyMap<string, string>,
): Promise<void> {
  const there = new Map(
    ledgers.flatMap(({ metadata, spec }) => spec.claims.map(({ uid }) => [uid, metadata.name] as const)),
  );
  const total = ledgers.reduce((sum, { spec }) => sum + spec.claims.length, 0);
  const lost = [...held]
    .filter(([uid, node]) => there.get(uid) !== node)
    .map(([uid, node]) => `${uid} of ${node} is lost`);
  const left = [...there].filter(([uid]) => !held.has(uid)).map(([uid, node]) => `${uid} is left on ${node}`);
  const twice = total > there.size ? [`${total - there.size} are there twice`] : [];
  const wrong = [...lost, ...left, ...twice];
  if (wrong.length > 0) throw new Error(wrong.slice(0, 20).join('\n'));
}
