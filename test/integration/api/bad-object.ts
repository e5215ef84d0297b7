import type { Draft } from './api.ts';
import { draft } from './drafts.ts';

/** An object with one fault, and how the API server has to call it. */
export interface BadObject {
  what: string;
  object: Draft;
  field: string;
  /** Part of the message: what is wrong, or how to mend it. */
  message: string;
}

export function bad(
  kind: string,
  what: string,
  changes: object,
  field: string,
  message: string,
  name?: string,
): BadObject {
  return { what: `${kind}: ${what}`, object: draft(kind, changes, name), field, message };
}
