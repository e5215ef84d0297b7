import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CEL, celMatches, matching, withRules } from './schema.ts';

const even = { rule: 'self % 2 == 0', message: 'must be even', check: (n: number) => n % 2 === 0 };
const small = { rule: 'self < 10', message: 'must be small', check: (n: number) => n < 10 };

describe('withRules', () => {
  it('refuses with the message of the rule', () => {
    expect(withRules(z.int(), even).safeParse(3).error?.issues[0]?.message).toBe('must be even');
    expect(withRules(z.int(), even).safeParse(4).success).toBe(true);
  });

  it('adds to the rules that a schema has', () => {
    const both = withRules(withRules(z.int(), even), small);
    expect(both.meta()?.[CEL]).toEqual([
      { rule: 'self % 2 == 0', message: 'must be even' },
      { rule: 'self < 10', message: 'must be small' },
    ]);
    expect(both.safeParse(3).success).toBe(false);
    expect(both.safeParse(12).success).toBe(false);
  });

  it('keeps rule and description when either is given first', () => {
    const schema = withRules(z.int().meta({ description: 'first' }), even);
    expect(schema.meta()).toMatchObject({ description: 'first', [CEL]: [{ rule: 'self % 2 == 0' }] });
    expect(schema.meta({ description: 'then' }).meta()?.[CEL]).toHaveLength(1);
  });

  it('checks under optional, default and extend', () => {
    const schema = z.strictObject({ a: withRules(z.int(), even).optional() }).extend({
      b: withRules(z.int(), even).default(2),
    });
    expect(schema.parse({})).toEqual({ b: 2 });
    expect(schema.safeParse({ a: 1 }).success).toBe(false);
    expect(schema.safeParse({ b: 1 }).success).toBe(false);
  });

  it('reports at the field that the rule names', () => {
    const schema = withRules(z.strictObject({ a: z.strictObject({ b: z.boolean() }) }), {
      rule: 'self.a.b',
      message: 'must hold',
      fieldPath: '.a.b',
      check: ({ a }) => a.b,
    });
    expect(schema.safeParse({ a: { b: false } }).error?.issues[0]?.path).toEqual(['a', 'b']);
  });

  it('leaves transition rules to the API server', () => {
    const schema = withRules(z.int(), { rule: 'self == oldSelf', message: 'is fixed' });
    expect(schema.safeParse(1).success).toBe(true);
  });
});

describe('matching', () => {
  it('writes a pattern as a CEL text', () => {
    expect(celMatches('self', /^a\/b\.c'[\n]$/)).toBe("self.matches('^a/b\\\\.c\\'[\\\\n]$')");
  });

  it('checks the same pattern', () => {
    expect(withRules(z.string(), matching(/^a+$/, 'only a')).safeParse('ab').success).toBe(false);
    expect(withRules(z.string(), matching(/^a+$/, 'only a')).safeParse('aa').success).toBe(true);
  });
});
