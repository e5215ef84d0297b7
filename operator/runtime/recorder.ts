import { randomBytes } from 'node:crypto';
import type { KubeClient } from './client.ts';
import { isNotFound } from './errors.ts';
import { cutNote, type EventText, events, type NewEvent, referenceTo, seriesKey } from './events.ts';
import { microTime } from './lease.ts';
import type { Logger } from './logger.ts';
import { type KubeObject, keyOf } from './resource.ts';
import { sleep } from './sleep.ts';

export interface EventRecorder {
  /** Says that something happened to `regarding`. Never throws, never waits. */
  event(regarding: KubeObject, text: EventText): void;
  /** Resolves when all that was said is written, or cannot be. */
  flush(): Promise<void>;
}

export interface RecorderOptions {
  client: KubeClient;
  /** The reportingController, such as "compute.berth.dev/instance-controller". */
  controller: string;
  /** The reportingInstance: this process. */
  instance: string;
  logger: Logger;
  /** A repetition after this long is a new event. 6 minutes unless set. */
  seriesMs?: number;
  /** A series is written at most this often. 10 s unless set. */
  seriesWriteMs?: number;
  /** Series held and writes waiting at most; beyond, events are dropped and counted. 4096 unless set. */
  capacity?: number;
  /** For how many milliseconds writing should wait before it asks again; 0: not at all. Never waits unless set. */
  holdMs?: () => number;
}

/** One event and its repetitions. */
interface Series {
  event: NewEvent;
  count: number;
  writtenCount: number;
  lastMs: number;
  /** Never written by two at once: what comes while it is written is written after it. */
  state: 'idle' | 'queued' | 'writing' | 'writing, and again';
}

const writersAtOnce = 4;

export function createRecorder(options: RecorderOptions): EventRecorder {
  return new Recorder(options);
}

class Recorder implements EventRecorder {
  readonly #options: Required<RecorderOptions>;
  readonly #series = new Map<string, Series>();
  readonly #queue: Series[] = [];
  #writers = 0;
  #timer: NodeJS.Timeout | undefined;
  #dropped = 0;
  #idle = Promise.withResolvers<void>();

  constructor(options: RecorderOptions) {
    this.#options = { seriesMs: 360_000, seriesWriteMs: 10_000, capacity: 4096, holdMs: () => 0, ...options };
    this.#idle.resolve();
  }

  event(regarding: KubeObject, text: EventText): void {
    try {
      this.#observe(regarding, text);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'event not recorded');
    }
  }

  async flush(): Promise<void> {
    for (const series of this.#series.values()) this.#enqueueIfChanged(series);
    await this.#idle.promise;
  }

  #observe(regarding: KubeObject, text: EventText): void {
    const key = seriesKey(regarding, text);
    const nowMs = performance.now();
    const known = this.#series.get(key);
    if (known && nowMs - known.lastMs < this.#options.seriesMs) this.#repeat(known, nowMs);
    else if (this.#isFull(nowMs)) this.#drop();
    else this.#first(key, this.#begin(regarding, text, nowMs));
  }

  #isFull(nowMs: number): boolean {
    const { capacity } = this.#options;
    if (this.#series.size >= capacity) this.#forgetOld(nowMs);
    if (this.#series.size >= capacity) this.#forgetOne();
    return this.#series.size >= capacity;
  }

  #first(key: string, series: Series): void {
    this.#series.set(key, series);
    this.#enqueue(series);
  }

  #begin(regarding: KubeObject, text: EventText, nowMs: number): Series {
    const { type, reason, action, related, annotations } = text;
    const { name, namespace = 'default' } = regarding.metadata;
    const event: NewEvent = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: `${name.slice(0, 200)}.${randomBytes(8).toString('hex')}`, namespace, annotations },
      eventTime: microTime(new Date()),
      reportingController: this.#options.controller,
      reportingInstance: this.#options.instance.slice(0, 128),
      type,
      reason,
      action,
      note: cutNote(text.note),
      regarding: referenceTo(regarding),
      related: related && referenceTo(related),
    };
    return { event, count: 1, writtenCount: 0, lastMs: nowMs, state: 'idle' };
  }

  #repeat(series: Series, nowMs: number): void {
    series.count++;
    series.lastMs = nowMs;
    this.#timer ??= setTimeout(() => this.#writeSeries(), this.#options.seriesWriteMs).unref();
  }

  /** Writes the counts that grew since the last time, and forgets the series that have ended. */
  #writeSeries(): void {
    this.#timer = undefined;
    this.#forgetOld(performance.now());
    for (const series of this.#series.values()) this.#enqueueIfChanged(series);
  }

  #forgetOld(nowMs: number): void {
    for (const [key, series] of this.#series) {
      const ended = nowMs - series.lastMs >= this.#options.seriesMs;
      if (ended && series.count === series.writtenCount) this.#series.delete(key);
    }
  }

  /** The oldest that is written gives its room to what is new: its next repetition is a new event. */
  #forgetOne(): void {
    for (const [key, series] of this.#series) {
      if (series.state !== 'idle' || series.count > series.writtenCount) continue;
      this.#series.delete(key);
      return;
    }
  }

  #drop(): void {
    this.#dropped++;
    if (this.#dropped % 1000 === 1) this.#options.logger.warn({ dropped: this.#dropped }, 'events dropped');
  }

  #enqueueIfChanged(series: Series): void {
    if (series.count > series.writtenCount) this.#enqueue(series);
  }

  #enqueue(series: Series): void {
    if (series.state === 'writing') series.state = 'writing, and again';
    if (series.state !== 'idle') return;
    series.state = 'queued';
    this.#queue.push(series);
    if (this.#writers === 0) this.#idle = Promise.withResolvers<void>();
    if (this.#writers < writersAtOnce) void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#writers++;
    for (let series = await this.#next(); series; series = await this.#next()) {
      series.state = 'writing';
      await this.#write(series);
      const again = (series.state as Series['state']) === 'writing, and again';
      series.state = 'idle';
      if (again) this.#enqueueIfChanged(series);
    }
    this.#writers--;
    if (this.#writers === 0) this.#idle.resolve();
  }

  async #next(): Promise<Series | undefined> {
    const { holdMs } = this.#options;
    for (let ms = holdMs(); ms > 0; ms = holdMs()) await sleep(ms);
    return this.#queue.shift();
  }

  async #write(series: Series): Promise<void> {
    const { count, writtenCount } = series;
    series.writtenCount = count;
    try {
      if (writtenCount === 0) await this.#create(series, count);
      else await this.#patch(series, count);
    } catch (error) {
      this.#options.logger.warn({ err: error, reason: series.event.reason }, 'event not written');
    }
  }

  async #create(series: Series, count: number): Promise<void> {
    const event = count > 1 ? { ...series.event, series: this.#seriesOf(count) } : series.event;
    await this.#options.client.create(events, event);
  }

  /** A series whose event has expired at the API server (an hour, as a rule) goes on under the same name. */
  async #patch(series: Series, count: number): Promise<void> {
    const key = keyOf(series.event);
    const patch = { series: this.#seriesOf(count) };
    try {
      await this.#options.client.patch(events, key, patch, { type: 'merge' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.#create(series, count);
    }
  }

  #seriesOf(count: number): { count: number; lastObservedTime: string } {
    return { count, lastObservedTime: microTime(new Date()) };
  }
}
