import type { AggregateState, HostState } from './host-state.ts';
import type { Interner } from './interner.ts';
import type { RequestSpec } from './request-spec.ts';

/**
 * An attribute of every host, by host index. A filter's file declares the columns it needs as constants and asks the
 * fleet for them in `prepare`; the fleet fills a column when it is first asked for and keeps it current from then on.
 */
export interface Column {
  /** Makes room for host indices below `capacity`, keeping what is there. */
  grow(capacity: number): void;
  /** Takes over one host's state: all of it, since the index may have been another host's. */
  write(host: number, state: HostState): void;
  /** The host is gone. Only for a column that is asked which hosts have something. */
  remove?(host: number): void;
  /** For what a placement changes beyond the resources (a group's members): called on claim (1), release (-1). */
  claim?(host: number, request: RequestSpec, sign: 1 | -1): void;
}

/** How to make a column. Its identity is the column's: declare it once, at the top of a file. */
export type ColumnKind<C extends Column> = (texts: Interner) => C;

export interface NumberColumn extends Column {
  /** By host index. Replaced when the fleet grows: read it through the column, or prepare again. */
  values: Float64Array;
}

export interface TextColumn extends Column {
  /** By host index: the text's number in `texts`, NO_TEXT where there is none. */
  values: Int32Array;
}

export interface ValueColumn<T> extends Column {
  values: (T | undefined)[];
}

/** A figure of the host, for weighers and limits. */
export function numberColumn(read: (state: HostState) => number): ColumnKind<NumberColumn> {
  return () => ({
    values: new Float64Array(0),
    grow(capacity) {
      this.values = grownFloats(this.values, capacity);
    },
    write(host, state) {
      this.values[host] = read(state);
    },
  });
}

/** A text of the host, interned. */
export function textColumn(read: (state: HostState) => string | undefined): ColumnKind<TextColumn> {
  return (texts) => ({
    values: new Int32Array(0),
    grow(capacity) {
      const grown = new Int32Array(capacity);
      grown.set(this.values);
      this.values = grown;
    },
    write(host, state) {
      this.values[host] = texts.intern(read(state));
    },
  });
}

/** Anything else (a set of traits, a parsed topology): worked out once per change of the host, not per request. */
export function valueColumn<T>(read: (state: HostState) => T): ColumnKind<ValueColumn<T>> {
  return () => ({
    values: [],
    grow() {},
    write(host, state) {
      this.values[host] = read(state);
    },
  });
}

/** The aggregates' values of one metadata key. */
export function aggregateValues(aggregates: readonly AggregateState[] | undefined, key: string): string[] {
  return (aggregates ?? []).flatMap((aggregate) => aggregate.metadata[key] ?? []);
}

export function grownFloats(values: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(capacity);
  grown.set(values);
  return grown;
}
