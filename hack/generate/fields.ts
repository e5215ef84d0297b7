import { CEL } from '#api/schema.ts';
import type { Structural } from './structural.ts';

/** One row of a field table. */
export interface Field {
  /** Dotted; `[]` for the entries of a list, `.*` for the values of a map. */
  path: string;
  type: string;
  required: boolean;
  default: string;
  bounds: string;
  description: string;
}

/** A validation rule, at the field that its error names. */
export interface FieldRule {
  path: string;
  message: string;
}

/** Every field below a schema, depth first, in the order of the source. */
export function fieldsOf(schema: Structural, prefix: string): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const path = `${prefix}.${name}`;
    const required = schema.required?.includes(name) ?? false;
    return [fieldOf(child, path, required), ...fieldsOf(entriesOf(child), entriesPath(child, path))];
  });
}

function fieldOf(schema: Structural, path: string, required: boolean): Field {
  return {
    path,
    type: typeName(schema),
    required,
    default: schema.default === undefined ? '' : JSON.stringify(schema.default),
    bounds: boundsOf(schema),
    description: schema.description ?? '',
  };
}

/** Every rule of a schema and of the fields below it. */
export function rulesOf(schema: Structural, path: string): FieldRule[] {
  const own = (schema[CEL] ?? []).map((rule) => ({
    path: `${path}${rule.fieldPath ?? ''}`,
    message: rule.message,
  }));
  const below = Object.entries(entriesOf(schema).properties ?? {});
  return [
    ...own,
    ...below.flatMap(([name, child]) => rulesOf(child, `${entriesPath(schema, path)}.${name}`)),
  ];
}

/** What holds the fields of a list's entries, or of the object itself. */
function entriesOf(schema: Structural): Structural {
  return schema.items ?? schema;
}

function entriesPath(schema: Structural, path: string): string {
  return schema.items ? `${path}[]` : path;
}

function typeName(schema: Structural): string {
  if (schema.items) return `list of ${typeName(schema.items)}`;
  if (schema.additionalProperties) return `map of ${typeName(schema.additionalProperties)}`;
  return schema.format === 'date-time' ? 'time' : (schema.type ?? 'string');
}

function boundsOf(schema: Structural): string {
  const parts = [
    schema.enum && `one of ${schema.enum.map((value) => `\`${value}\``).join(', ')}`,
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' entries'),
    range(schema.minProperties, schema.maxProperties, ' entries'),
    schema.pattern && `form \`${schema.pattern}\``,
    schema.items && boundsOf(schema.items) && `each: ${boundsOf(schema.items)}`,
    schema.additionalProperties && `each: ${boundsOf(schema.additionalProperties)}`,
  ];
  return parts.filter(Boolean).join('; ');
}

function range(low: number | undefined, high: number | undefined, unit: string): string {
  const top = high === Number.MAX_SAFE_INTEGER ? undefined : high;
  if (low !== undefined && top !== undefined) return `${low} to ${top}${unit}`;
  if (top !== undefined) return `at most ${top}${unit}`;
  return low === undefined ? '' : `at least ${low}${unit}`;
}
