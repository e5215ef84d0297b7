import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeyedQueue } from './queue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Takes everything that is ready, without giving it back. */
async function takeAll(queue: KeyedQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.depth > 0) keys.push((await queue.next())!);
  return keys;
}

describe('order', () => {
  test('first come, first served; a key waits once', async () => {
    const queue = new KeyedQueue();
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(await takeAll(queue)).toEqual(['a', 'b', 'c']);
  });

  test('a key that is added while it is worked on comes again, behind the others', async () => {
    const queue = new KeyedQueue();
    queue.add('a');
    queue.add('b');
    await queue.next();
    queue.add('a');
    queue.add('a');
    expect(await takeAll(queue)).toEqual(['b']);
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    expect(queue.depth).toBe(0);
  });

  test('tells of each key how long it could have been taken', async () => {
    const waits: number[] = [];
    const queue = new KeyedQueue({ onTaken: (ms) => waits.push(ms) });
    queue.add('a');
    vi.advanceTimersByTime(30);
    await queue.next();
    queue.add('a'); // while it is worked on
    vi.advanceTimersByTime(50);
    queue.done('a');
    await queue.next();
    expect(waits).toEqual([30, 50]);
  });

  test('who waits gets the next key, in turn', async () => {
    const queue = new KeyedQueue();
    const [first, second] = [queue.next(), queue.next()];
    queue.add('a');
    queue.add('b');
    expect([await first, await second]).toEqual(['a', 'b']);
  });

  test('a busy key does not starve the others', async () => {
    const queue = new KeyedQueue();
    const taken: string[] = [];
    for (const key of ['busy', 'a', 'b']) queue.add(key);
    for (let i = 0; i < 6; i++) {
      const key = (await queue.next())!;
      taken.push(key);
      queue.add('busy');
      queue.done(key);
    }
    expect(taken.slice(0, 4)).toEqual(['busy', 'a', 'b', 'busy']);
  });
});

describe('later', () => {
  test('a key comes when its time has come', async () => {
    const queue = new KeyedQueue();
    queue.addAfter('a', 1_000);
    vi.advanceTimersByTime(999);
    expect(queue.depth).toBe(0);
    vi.advanceTimersByTime(1);
    expect(await takeAll(queue)).toEqual(['a']);
  });

  test.each([
    [5_000, 1_000],
    [1_000, 5_000],
  ])('asked for after %i and %i ms, it comes once, after the shorter', (first, second) => {
    const queue = new KeyedQueue();
    queue.addAfter('a', first);
    queue.addAfter('a', second);
    vi.advanceTimersByTime(1_000);
    expect(queue.depth).toBe(1);
    vi.advanceTimersByTime(10_000);
    expect(queue.depth).toBe(1);
    expect(queue.delayed).toBe(0);
  });

  test('beyond the longest timer of the platform', () => {
    const queue = new KeyedQueue();
    const days = 40 * 86_400_000;
    queue.addAfter('a', days);
    vi.advanceTimersByTime(days - 1_000);
    expect(queue.depth).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(queue.depth).toBe(1);
  });
});

describe('back-off', () => {
  test('grows with each failure, up to the cap, and starts anew after forget', () => {
    const queue = new KeyedQueue({ backoff: { baseMs: 5, capMs: 100 }, random: () => 1 });
    expect([1, 2, 3, 4, 5, 6, 7].map(() => queue.retry('a'))).toEqual([5, 10, 20, 40, 80, 100, 100]);
    expect(queue.failures('a')).toBe(7);
    queue.forget('a');
    expect(queue.retry('a')).toBe(5);
  });

  test('is each key’s own', () => {
    const queue = new KeyedQueue({ backoff: { baseMs: 8, capMs: 100 }, random: () => 1 });
    queue.retry('a');
    queue.retry('a');
    expect(queue.retry('b')).toBe(8);
  });

  test('a change does not wait for it', async () => {
    const queue = new KeyedQueue();
    queue.retry('a');
    queue.add('a');
    expect(await takeAll(queue)).toEqual(['a']);
  });
});

test('closed, it hands out nothing and lets go of who waits', async () => {
  const queue = new KeyedQueue();
  const waiting = queue.next();
  queue.add('a');
  await waiting;
  const second = queue.next();
  queue.close();
  queue.add('b');
  queue.addAfter('c', 1);
  vi.advanceTimersByTime(10);
  expect(await second).toBeUndefined();
  expect(await queue.next()).toBeUndefined();
});

test('whatever happens: no key twice at once, and each key is worked on after its last change', async () => {
  const step = fc.record({
    what: fc.constantFrom('add', 'addAfter', 'take', 'done', 'fail', 'wait'),
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    ms: fc.nat(50),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const queue = new KeyedQueue({ backoff: { baseMs: 5, capMs: 40 } });
      const running = new Set<string>();
      const changed = new Set<string>();
      const take = async () => {
        const key = (await queue.next())!;
        expect(running.has(key)).toBe(false);
        running.add(key);
        changed.delete(key);
      };
      for (const { what, key, ms } of steps) {
        if (what === 'add' || what === 'addAfter') {
          changed.add(key);
          queue.addAfter(key, what === 'add' ? 0 : ms);
        } else if (what === 'take' && queue.depth > 0) await take();
        else if (what === 'wait') vi.advanceTimersByTime(ms);
        else if (running.delete(key)) {
          if (what === 'fail') {
            changed.add(key);
            queue.retry(key);
          }
          queue.done(key);
        }
      }
      for (const key of running) queue.done(key);
      running.clear();
      vi.advanceTimersByTime(100);
      while (queue.depth > 0) await take();
      expect([...changed]).toEqual([]);
      expect(queue.delayed).toBe(0);
    }),
  );
});
