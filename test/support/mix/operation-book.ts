import type { Instance } from '#api/instance.ts';
import type { AuditEvent } from '../../../hack/access/audit.ts';

interface Ended {
  instance: string;
  operation: string;
  result: string;
  message: string;
  fromMs: number;
  toMs: number;
}

/** What is told of one kind of operation; times in seconds. */
export interface OperationFigures {
  operation: string;
  count: number;
  /** How often it ended in which way. */
  results: Record<string, number>;
  /** Why those that failed did, without names and numbers. */
  failures: Record<string, number>;
  p50: number;
  p99: number;
  /** Berth's writes to objects of the Instance while it lasted, and just after; ledgers, of many at once, aside. */
  writes: { mean: number; most: number };
}

/** What an operation's last write may come after its end, and its first before its start. */
const SLACK_MS = 1_000;

/** Takes down every operation that an Instance says has ended. */
export class OperationBook {
  readonly #ended = new Map<string, Ended>();

  /** Looks at one version of an Instance. */
  note({ metadata, status }: Instance): void {
    for (const it of status?.lastOperations ?? []) {
      const key = `${metadata.uid} ${it.requestId} ${it.name} ${it.finishTime}`;
      if (this.#ended.has(key)) continue;
      const [fromMs, toMs] = [Date.parse(it.startTime), Date.parse(it.finishTime)];
      this.#ended.set(key, {
        instance: metadata.name,
        operation: it.name,
        result: it.result,
        message: it.message ?? '',
        fromMs,
        toMs,
      });
    }
  }

  /** An Instance that was being deleted is gone. */
  deleted({ metadata }: Instance, nowMs: number): void {
    const { uid, name, deletionTimestamp } = metadata;
    if (deletionTimestamp === undefined) return;
    const fromMs = Date.parse(deletionTimestamp);
    const ended = {
      instance: name,
      operation: 'Delete',
      result: 'Succeeded',
      message: '',
      fromMs,
      toMs: nowMs,
    };
    this.#ended.set(`${uid} Delete`, ended);
  }

  get count(): number {
    return this.#ended.size;
  }

  figures(writes: readonly AuditEvent[]): OperationFigures[] {
    const byInstance = Map.groupBy(writes.flatMap(aboutInstance), ({ instance }) => instance);
    const byOperation = Map.groupBy(this.#ended.values(), ({ operation }) => operation);
    return [...byOperation]
      .map(([operation, ended]) => figuresOf(operation, ended, byInstance))
      .toSorted((a, b) => a.operation.localeCompare(b.operation));
  }
}

interface InstanceWrite {
  instance: string;
  atMs: number;
}

/** Which Instance a write is about: its name is in the name of all that is made for it. */
function aboutInstance({ objectRef, stageTimestamp }: AuditEvent): InstanceWrite[] {
  const [instance] = objectRef?.name?.match(/mix-\d+/) ?? [];
  return instance === undefined ? [] : [{ instance, atMs: Date.parse(stageTimestamp) }];
}

function figuresOf(
  operation: string,
  ended: readonly Ended[],
  writes: ReadonlyMap<string, readonly InstanceWrite[]>,
): OperationFigures {
  const seconds = ended.map(({ fromMs, toMs }) => (toMs - fromMs) / 1000).toSorted((a, b) => a - b);
  const costs = ended.map(({ instance, fromMs, toMs }) => {
    const own = writes.get(instance) ?? [];
    return own.filter(({ atMs }) => atMs >= fromMs - SLACK_MS && atMs <= toMs + SLACK_MS).length;
  });
  const failed = ended.filter(({ result }) => result === 'Failed');
  const mean = costs.reduce((sum, it) => sum + it, 0) / costs.length;
  return {
    operation,
    count: ended.length,
    results: countOf(ended.map(({ result }) => result)),
    failures: countOf(failed.map(({ message }) => outline(message))),
    p50: quantile(seconds, 0.5),
    p99: quantile(seconds, 0.99),
    writes: { mean: Math.round(mean * 10) / 10, most: Math.max(...costs) },
  };
}

const countOf = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(words, (it) => it)].map(([word, all]) => [word, all.length]));

const LONGEST_OUTLINE = 100;
const outline = (message: string): string =>
  message.replaceAll(/[\w-]*\d[\w-]*/g, '…').slice(0, LONGEST_OUTLINE);

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
