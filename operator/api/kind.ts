import type { z } from 'zod';
import type { Rule } from './schema.ts';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  jsonPath: string;
  description: string;
  /** Above 0: only with `-o wide`. */
  priority?: number;
}

/** All that is known of one kind; types, CRD and reference page come from it. */
export interface KindDefinition {
  kind: string;
  plural: string;
  singular: string;
  shortNames: string[];
  scope: 'Namespaced' | 'Cluster';
  /** What it is for, in a sentence or two; the first text of its reference page. */
  description: string;
  spec: z.ZodType;
  /** Absent for a kind without a status subresource. */
  status?: z.ZodType;
  columns: PrinterColumn[];
  /** Rules over the whole object, such as on its name. */
  rules?: Rule<{ metadata: { name: string } }>[];
}
