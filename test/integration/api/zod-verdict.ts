import type { z } from 'zod';
import { type Complaint, type Draft, definitionOf } from './api.ts';

/** What zod finds wrong with an object's name and spec, in the API server's terms. */
export function zodComplaints({ kind, metadata, spec }: Draft): Complaint[] {
  const definition = definitionOf(kind);
  const broken = (definition.rules ?? []).filter(({ check }) => check && !check({ metadata, spec }));
  const result = definition.spec.safeParse(spec);
  return [
    ...broken.map(({ message, fieldPath = '' }) => ({ field: fieldPath.slice(1), message })),
    ...(result.error?.issues ?? []).map((issue) => ({ field: fieldOf(issue), message: issue.message })),
  ];
}

/** `spec.claims[0].name`. A bad key of a map is an error of the map. */
function fieldOf({ path, code }: z.core.$ZodIssue): string {
  const steps = code === 'invalid_key' ? path.slice(0, -1) : path;
  return steps.reduce<string>(
    (field, step) => (typeof step === 'number' ? `${field}[${step}]` : `${field}.${String(step)}`),
    'spec',
  );
}
