import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { KINDS } from '#api/kinds.ts';
import { ANY_VALUE, CEL, withRules } from '#api/schema.ts';
import { crdOf } from './crd.ts';
import { type Structural, structuralSchema } from './structural.ts';

describe('structuralSchema', () => {
  it('asks for no field that has a default', () => {
    const schema = structuralSchema(
      z.strictObject({ given: z.boolean(), filled: z.boolean().default(true) }),
    );
    expect(schema.required).toEqual(['given']);
    expect(schema.properties?.filled).toEqual({ type: 'boolean', default: true });
  });

  it('leaves the pattern of a date to its format, and gives numbers theirs', () => {
    const schema = structuralSchema(z.strictObject({ time: z.iso.datetime(), whole: z.int().min(0).max(3) }));
    expect(schema.properties).toEqual({
      time: { type: 'string', format: 'date-time' },
      whole: { type: 'integer', format: 'int64', minimum: 0, maximum: 3 },
    });
  });

  it('keeps the rules of an optional schema, and of one that was given a default', () => {
    const ruled = withRules(z.strictObject({ a: z.boolean().optional() }), { rule: 'r', message: 'm' });
    const schema = structuralSchema(z.strictObject({ o: ruled.optional(), d: ruled.default({}) }));
    expect(schema.properties?.o?.[CEL]).toEqual([{ rule: 'r', message: 'm' }]);
    expect(schema.properties?.d?.[CEL]).toEqual([{ rule: 'r', message: 'm' }]);
  });

  it.each([
    ['a union', z.union([z.string(), z.boolean()])],
    ['null', z.strictObject({ a: z.string().nullable() })],
    ['a literal', z.literal('x')],
    ['a second pattern', z.string().regex(/a/).regex(/b/)],
    ['an exclusive bound', z.number().gt(3)],
    ['a bound that is not whole', z.number().min(0.01)],
    ['bounds on keys without a rule', z.record(z.string().max(3), z.string())],
  ])('throws for %s, which a CRD cannot say', (_, schema) => {
    expect(() => structuralSchema(schema)).toThrow();
  });
});

describe.each(KINDS.map((definition) => [definition.kind, definition] as const))('%s', (_, definition) => {
  const root = crdOf(definition).spec.versions[0].schema.openAPIV3Schema;
  const fields = [
    ...fieldsBelow(root.properties?.spec, 'spec'),
    ...fieldsBelow(root.properties?.status, 'status'),
  ];

  it('bounds every string, list, map and number', () => {
    expect(fields.filter(([, schema]) => !isBounded(schema)).map(([path]) => path)).toEqual([]);
  });

  it('describes every field', () => {
    expect(fields.filter(([, schema]) => !schema.description).map(([path]) => path)).toEqual([]);
  });

  it('says what each condition and reason means', () => {
    const conditions = definition.conditions ?? [];
    expect(conditions.map(({ type }) => type)).toEqual(
      definition.status ? expect.arrayContaining(['Ready']) : [],
    );
    for (const [reason, text] of conditions.flatMap(({ reasons }) => Object.entries(reasons))) {
      expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(text).toMatch(/\.$/);
    }
  });
});

/** Every named field, with its dotted path. */
function fieldsBelow(schema: Structural | undefined, path: string): [string, Structural][] {
  const holder = schema?.items ?? schema;
  return Object.entries(holder?.properties ?? {}).flatMap(([name, child]) => {
    const below = `${path}.${name}`;
    return [[below, child], ...fieldsBelow(child, below)];
  });
}

function isBounded(schema: Structural): boolean {
  // Arguments of filters and weighers: what they may be is said by each of them, see core/profiles/plugin-args.ts.
  if (schema[ANY_VALUE]) return true;
  if (schema.items) return schema.maxItems !== undefined && isBounded(schema.items);
  if (schema.additionalProperties) {
    return schema.maxProperties !== undefined && isBounded(schema.additionalProperties);
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    return schema.minimum !== undefined && schema.maximum !== undefined;
  }
  if (schema.type === 'object') return schema.properties !== undefined;
  if (schema.type === 'boolean' || schema.enum || schema.format === 'date-time') return true;
  return schema.maxLength !== undefined;
}
