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

/** Attaches rules to a schema: as zod refinements, and as CEL for the CRD. */
export function withRules<S extends z.ZodType>(schema: S, ...rules: Rule<z.output<S>>[]): S {
  const refined = rules.reduce<z.ZodType>(
    (result, { check, message }) =>
      check ? result.refine((value) => check(value as z.output<S>), { error: message }) : result,
    schema,
  );
  const cel = rules.map(({ rule, message, fieldPath }) => ({
    rule,
    message,
    ...(fieldPath && { fieldPath }),
  }));
  return refined.meta({ ...schema.meta(), [CEL]: cel }) as S;
}
