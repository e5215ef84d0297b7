import type { z } from 'zod';

/** One validation rule of a schema: checked by zod here and, as CEL, by the API server. */
export interface Rule<T> {
  /** CEL expression over `self`. */
  rule: string;
  /** What is wrong and how to mend it, for whoever wrote the object. */
  message: string;
  /** Field that the error is reported at, relative to the schema that carries the rule; itself by default. */
  fieldPath?: string;
  /** The same rule for zod. Absent for transition rules (`oldSelf`), which only the API server can check. */
  check?: (value: T) => boolean;
}

/** Key in a schema's metadata under which the CRD generator finds CEL rules. */
export const CEL = 'x-kubernetes-validations';

/** Key in a schema's metadata that lets numbers reach the rules of a text, so that these can explain. */
export const INT_OR_STRING = 'x-kubernetes-int-or-string';

/** Key in a schema's metadata for a value of any JSON type, which the CRD does not look into. */
export const ANY_VALUE = 'x-kubernetes-preserve-unknown-fields';

/** Attaches rules to a schema, beside those it has: as zod refinements, and as CEL for the CRD. */
export function withRules<S extends z.ZodType>(schema: S, ...rules: Rule<z.output<S>>[]): S {
  const refined = rules.reduce<z.ZodType>((result, rule) => refineBy(result, rule), schema);
  return refined.meta({ ...schema.meta(), [CEL]: [...celRulesOf(schema), ...rules.map(toCel)] }) as S;
}

/** A CEL rule as a CRD has it. */
export type CelRule = Omit<Rule<never>, 'check'>;

export function toCel({ rule, message, fieldPath }: CelRule): CelRule {
  return { rule, message, ...(fieldPath && { fieldPath }) };
}

/** A text of a form that a plain `pattern` would describe, but with an error that helps. */
export function matching(pattern: RegExp, message: string): Rule<string> {
  return { rule: celMatches('self', pattern), message, check: (text) => pattern.test(text) };
}

/** The CEL expression for `pattern.test(subject)`. The pattern must mean the same in RE2. */
export function celMatches(subject: string, pattern: RegExp): string {
  const source = pattern.source.replaceAll('\\/', '/');
  return `${subject}.matches('${source.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}')`;
}

function celRulesOf(schema: z.ZodType): CelRule[] {
  const rules = schema.meta()?.[CEL];
  return Array.isArray(rules) ? rules : [];
}

function refineBy<T>(schema: z.ZodType, { check, message, fieldPath }: Rule<T>): z.ZodType {
  if (!check) return schema;
  const path = fieldPath?.split('.').filter((step) => step !== '');
  return schema.refine((value) => check(value as T), { error: message, ...(path && { path }) });
}
