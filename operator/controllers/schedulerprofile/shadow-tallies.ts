import { type Difference, differenceOf } from '#core/profiles/shadow.ts';
import { NO_DECISIONS, type Tally } from '#core/profiles/tally.ts';
import type { Decision } from '#core/scheduling/decision.ts';

/** What shadows decided since it was last written, by profile. */
export class ShadowTallies {
  readonly #tallies = new Map<string, Tally>();

  note(shadowName: string, requestId: string, active: Decision, shadow: Decision): void {
    const { decisions, differing } = this.#tallies.get(shadowName) ?? NO_DECISIONS;
    const difference: Difference | undefined = differenceOf(active, shadow);
    this.#tallies.set(shadowName, {
      decisions: decisions + 1,
      differing: difference ? [...differing, { ...difference, requestId }] : differing,
    });
  }

  /** Hands the counts over. */
  take(shadowName: string): Tally {
    const tally = this.#tallies.get(shadowName) ?? NO_DECISIONS;
    this.#tallies.delete(shadowName);
    return tally;
  }

  /** Counts again what could not be written. */
  putBack(shadowName: string, { decisions, differing }: Tally): void {
    const since = this.#tallies.get(shadowName) ?? NO_DECISIONS;
    this.#tallies.set(shadowName, {
      decisions: decisions + since.decisions,
      differing: [...differing, ...since.differing],
    });
  }
}
