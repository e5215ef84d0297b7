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

export const AGE_COLUMN: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Since when',
};

/** Of kinds with a condition Ready. */
export const READY_COLUMNS: readonly PrinterColumn[] = [
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    description: 'Why it is ready or not',
  },
  {
    name: 'Message',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].message',
    description: 'The same in words',
    priority: 1,
  },
];

/** One condition of a kind, with every reason that Berth gives for it. */
export interface ConditionDefinition {
  type: string;
  description: string;
  /** Reason to what it means and, where it is bad, what to do. */
  reasons: Record<string, string>;
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
  /** Absent for a kind without a status subresource. */
  conditions?: ConditionDefinition[];
  /** Rules over the whole object, such as on its name. Twins are asked about any spec, right or wrong. */
  rules?: Rule<{ metadata: { name: string }; spec?: unknown }>[];
}
