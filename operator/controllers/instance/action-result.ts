import type { Situation } from '#core/lifecycle/situation.ts';

/**
 * What came of an action: look again at once, or after all others that wait for a look (and some time), wait for what the
 * caches bring, or wait because nothing can be done; `notYet`: it is to be tried again, `failed`: its operation is over.
 */
export type ActionResult =
  | { next: 'again' }
  | { next: 'afterOthers'; waitMs: number }
  | { next: 'wait' | 'notYet'; blocked?: Situation['blocked']; retryMs?: number }
  | { next: 'failed'; code: string; message: string; blocked?: undefined; retryMs?: undefined };
