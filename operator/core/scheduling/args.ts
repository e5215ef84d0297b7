export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Arguments of a filter or weigher as a SchedulerProfile can write them. */
export type JsonArgs = { readonly [name: string]: Json };

export type NoArgs = Record<never, never>;

export const NO_ARGS: NoArgs = {};
