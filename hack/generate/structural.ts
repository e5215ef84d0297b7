import { z } from 'zod';
import { ANY_VALUE, CEL, type CelRule, INT_OR_STRING } from '#api/schema.ts';

/** The part of OpenAPI v3 that a CRD's structural schema may use, and that Berth does use. */
export interface Structural {
  /** Absent where INT_OR_STRING says it. */
  type?: 'object' | 'array' | 'string' | 'boolean' | 'integer' | 'number';
  format?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  items?: Structural;
  additionalProperties?: Structural;
  required?: string[];
  properties?: Record<string, Structural>;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  [INT_OR_STRING]?: true;
  [ANY_VALUE]?: true;
  [CEL]?: CelRule[];
}

type Json = Record<string, unknown>;

/** Keywords that are taken over as they are. Any other that is not handled below is an error. */
const KEPT = [
  'description',
  'default',
  'enum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
  'minimum',
  'maximum',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  INT_OR_STRING,
  ANY_VALUE,
  CEL,
];
const HANDLED = [
  '$schema',
  'type',
  'format',
  'pattern',
  'items',
  'properties',
  'additionalProperties',
  'propertyNames',
];
const TYPES: readonly unknown[] = ['object', 'array', 'string', 'boolean', 'integer', 'number'];
const NUMBER_FORMATS: Record<string, string> = { integer: 'int64', number: 'double' };

/** The structural schema of what users write (defaults not yet filled in). Throws for what a CRD cannot say. */
export function structuralSchema(schema: z.ZodType): Structural {
  return convert(z.toJSONSchema(schema, { io: 'input' }), '');
}

function convert(json: unknown, path: string): Structural {
  if (!isJson(json)) throw new Error(`${path}: not a schema`);
  refuseUnknown(json, path);
  const kept = Object.fromEntries(KEPT.filter((key) => key in json).map((key) => [key, json[key]]));
  return { ...typeOf(json, path), ...kept, ...form(json), ...children(json, path) };
}

function refuseUnknown(json: Json, path: string): void {
  const unknown = Object.keys(json).filter((key) => !KEPT.includes(key) && !HANDLED.includes(key));
  if (unknown.length > 0) throw new Error(`${path || '(root)'}: a CRD cannot say ${unknown.join(', ')}`);
  if ('propertyNames' in json && !(CEL in json) && !holdsAnyValue(json))
    throw new Error(`${path}: bounds on keys need a CEL rule`);
  // The API server cuts a bound to a whole number where the value is one: 0 would pass a minimum of 0.01.
  const cut = [json.minimum, json.maximum].find((bound) => bound !== undefined && !Number.isInteger(bound));
  if (cut !== undefined) throw new Error(`${path}: the bound ${cut} needs a CEL rule`);
}

/** A map whose values CEL cannot look into. */
function holdsAnyValue({ additionalProperties }: Json): boolean {
  return isJson(additionalProperties) && ANY_VALUE in additionalProperties;
}

function typeOf({ type, ...rest }: Json, path: string): Pick<Structural, 'type'> {
  if (INT_OR_STRING in rest || ANY_VALUE in rest) return {};
  if (!TYPES.includes(type)) throw new Error(`${path}: type ${JSON.stringify(type)}`);
  return { type: type as Structural['type'] };
}

/** zod adds a pattern of its own to a date; the API server knows the format. */
function form({ type, format, pattern }: Json): Pick<Structural, 'format' | 'pattern'> {
  if (typeof format === 'string') return { format };
  if (typeof pattern === 'string') return { pattern: pattern.replaceAll('\\/', '/') };
  const numeric = NUMBER_FORMATS[String(type)];
  return numeric ? { format: numeric } : {};
}

function children({ items, properties, additionalProperties }: Json, path: string): Partial<Structural> {
  if (items) return { items: convert(items, `${path}[]`) };
  if (isJson(properties)) {
    const entries = Object.entries(properties).map(([key, value]) => [key, convert(value, `${path}.${key}`)]);
    return { properties: Object.fromEntries(entries) };
  }
  return additionalProperties ? { additionalProperties: convert(additionalProperties, `${path}.*`) } : {};
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
