import { type Column, type ColumnKind, grownFloats } from './columns.ts';
import type { HostState } from './host-state.ts';
import { Interner } from './interner.ts';
import { InventoryColumns } from './inventory-columns.ts';
import { Journal } from './journal.ts';
import { NameIndex } from './name-index.ts';
import { Pools } from './pools.ts';
import type { RequestSpec } from './request-spec.ts';
import type { ClaimResources } from './resources.ts';

const FIRST_CAPACITY = 16;
/** Fields that have arrays of their own here: no column reads them. */
const FIGURES = new Set<keyof HostState>([
  'vcpus',
  'memoryMiB',
  'diskGiB',
  'overheadMiB',
  'dedicatedCpus',
  'devices',
  'hugepages',
  'numInstances',
  'numIoOps',
]);

/**
 * The fleet snapshot: every host's state in columns, one index per host. It is updated one host at a time, and an
 * update leaves it as a rebuild from the same host states would.
 *
 * An index is a host's until it is removed. `epoch` says how long what was prepared stays right: it moves when hosts
 * come or go, when columns are replaced, and when a text is seen for the first time.
 */
export class Fleet {
  readonly vcpus = new InventoryColumns();
  readonly memoryMiB = new InventoryColumns();
  readonly diskGiB = new InventoryColumns();
  /** By host index; replaced when the fleet grows, like every array here. */
  overheadMiB = new Float64Array(0);
  dedicatedCpus = new Float64Array(0);
  numInstances = new Float64Array(0);
  numIoOps = new Float64Array(0);
  readonly devices = new Pools();
  readonly hugepages = new Pools();
  /** Numbers of texts that columns hold. */
  readonly texts = new Interner();

  readonly #names = new NameIndex();
  readonly #journal = new Journal();
  readonly #states: (HostState | undefined)[] = [];
  readonly #columns = new Map<ColumnKind<Column>, Column>();
  /** Those that a placement changes. */
  readonly #claimed: Column[] = [];
  #capacity = 0;
  #layout = 0;

  get size(): number {
    return this.#names.size;
  }

  get epoch(): number {
    return this.#layout + this.texts.size;
  }

  /** Moves with every change of any host. */
  get generation(): number {
    return this.#journal.generation;
  }

  /** Room for host indices: what is kept per host needs this length. */
  get capacity(): number {
    return this.#capacity;
  }

  /** The first `size` entries are all hosts' indices in the order of their names, which breaks ties. */
  get order(): Int32Array {
    return this.#names.order;
  }

  get journal(): Pick<Journal, 'generation' | 'reachesBackTo' | 'hostOf' | 'isClaim'> {
    return this.#journal;
  }

  indexOf(name: string): number | undefined {
    return this.#names.indexOf(name);
  }

  nameOf(host: number): string {
    return this.#names.nameOf(host) ?? '';
  }

  /** The column of this kind, filled when it is first asked for. */
  column<C extends Column>(kind: ColumnKind<C>): C {
    const known = this.#columns.get(kind);
    if (known !== undefined) return known as C;
    const column = kind(this.texts);
    column.grow(this.#capacity);
    for (const [host, state] of this.#states.entries()) if (state !== undefined) column.write(host, state);
    this.#columns.set(kind, column);
    if (column.claim) this.#claimed.push(column);
    return column;
  }

  /** Takes over a host's state as a whole; claims made since that state was read are gone with it. */
  upsertHost(state: HostState): number {
    const host = this.#names.indexOf(state.name) ?? this.#add(state.name);
    const settled = isSettled(this.#states[host], state);
    this.#states[host] = state;
    this.vcpus.write(host, state.vcpus);
    this.memoryMiB.write(host, state.memoryMiB);
    this.diskGiB.write(host, state.diskGiB);
    this.overheadMiB[host] = state.overheadMiB;
    this.dedicatedCpus[host] = state.dedicatedCpus ?? 0;
    this.devices.write(host, state.devices);
    this.hugepages.write(host, state.hugepages);
    this.numInstances[host] = state.numInstances;
    this.numIoOps[host] = state.numIoOps;
    for (const column of this.#columns.values()) if (!settled || column.claim) column.write(host, state);
    this.#journal.note(host);
    return host;
  }

  /** False when there was no such host. */
  removeHost(name: string): boolean {
    const host = this.#names.indexOf(name);
    if (host === undefined) return false;
    this.#names.remove(name);
    this.#states[host] = undefined;
    for (const column of this.#columns.values()) column.remove?.(host);
    this.#layout += 1;
    this.#journal.note(host);
    return true;
  }

  /** Nova's consume_from_request: takes the resources, one instance and one I/O operation. */
  claim(host: number, resources: ClaimResources, request?: RequestSpec): void {
    this.#take(host, resources, 1, request);
  }

  /** Undoes a claim exactly: the ledger's compare-and-swap was lost. */
  release(host: number, resources: ClaimResources, request?: RequestSpec): void {
    this.#take(host, resources, -1, request);
  }

  /** The host's state as it is now, claims included. */
  stateOf(name: string): HostState | undefined {
    const host = this.#names.indexOf(name) ?? -1;
    const state = this.#states[host];
    return (
      state && {
        ...state,
        vcpus: this.vcpus.read(host),
        memoryMiB: this.memoryMiB.read(host),
        diskGiB: this.diskGiB.read(host),
        overheadMiB: this.overheadMiB[host] ?? 0,
        dedicatedCpus: this.dedicatedCpus[host] || undefined,
        devices: this.devices.read(host),
        hugepages: this.hugepages.read(host),
        numInstances: this.numInstances[host] ?? 0,
        numIoOps: this.numIoOps[host] ?? 0,
      }
    );
  }

  #take(host: number, resources: ClaimResources, sign: 1 | -1, request: RequestSpec | undefined): void {
    if (this.#states[host] === undefined) throw new RangeError(`the fleet has no host of index ${host}`);
    add(this.vcpus.used, host, sign * resources.vcpus);
    add(this.memoryMiB.used, host, sign * resources.memoryMiB);
    add(this.diskGiB.used, host, sign * resources.diskGiB);
    add(this.overheadMiB, host, sign * resources.overheadMiB);
    if (resources.dedicatedCpus) add(this.dedicatedCpus, host, sign * resources.dedicatedCpus);
    this.devices.take(host, resources.devices, sign);
    this.hugepages.take(host, resources.hugepages, sign);
    add(this.numInstances, host, sign);
    add(this.numIoOps, host, sign);
    if (request !== undefined) for (const column of this.#claimed) column.claim?.(host, request, sign);
    this.#journal.note(host, true);
  }

  #add(name: string): number {
    const host = this.#names.add(name);
    if (this.#names.extent > this.#capacity) this.#grow(Math.max(FIRST_CAPACITY, this.#capacity * 2));
    this.#layout += 1;
    return host;
  }
  #grow(capacity: number): void {
    this.#capacity = capacity;
    for (const inventory of [this.vcpus, this.memoryMiB, this.diskGiB]) inventory.grow(capacity);
    this.overheadMiB = grownFloats(this.overheadMiB, capacity);
    this.dedicatedCpus = grownFloats(this.dedicatedCpus, capacity);
    this.numInstances = grownFloats(this.numInstances, capacity);
    this.numIoOps = grownFloats(this.numIoOps, capacity);
    for (const column of this.#columns.values()) column.grow(capacity);
  }
}

/** True when nothing but figures changed that have arrays here, as after a claim: columns keep what they read. */
function isSettled(before: HostState | undefined, after: HostState): boolean {
  return before !== undefined && within(before, after) && within(after, before);
}

/** Every field of `one`, figures apart, is the same in `other`. */
function within(one: HostState, other: HostState): boolean {
  for (const field in one) {
    const key = field as keyof HostState;
    if (one[key] !== other[key] && !FIGURES.has(key)) return false;
  }
  return true;
}

function add(column: Float64Array, host: number, amount: number): void {
  column[host] = (column[host] ?? 0) + amount;
}
