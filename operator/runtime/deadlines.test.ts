import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deadlines } from './deadlines.ts';

test('hands out in order of time, and nothing early', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), fc.nat(1000), (times, now) => {
      const deadlines = new Deadlines<number>();
      for (const time of times) deadlines.push(time, time);
      const due: number[] = [];
      for (let entry = deadlines.popDue(now); entry; entry = deadlines.popDue(now)) due.push(entry.value);
      const sorted = times.toSorted((a, b) => a - b);
      expect(due).toEqual(sorted.filter((time) => time <= now));
      expect(deadlines.next).toBe(sorted.find((time) => time > now));
    }),
  );
});
