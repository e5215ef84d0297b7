import type { Decision } from '#core/scheduling/decision.ts';
import type { Profile } from '#core/scheduling/profile.ts';
import type { Profiles } from '#ports/profiles.ts';
import type { Logger } from '#runtime/logger.ts';
import type { ShadowTallies } from './shadow-tallies.ts';

/** Lets shadows decide alongside. What goes wrong there is logged, and harms no placement. */
export class Shadows {
  readonly #profiles: Pick<Profiles, 'shadowsOf'>;
  readonly #tallies: ShadowTallies;
  readonly #log: Logger;

  constructor(profiles: Pick<Profiles, 'shadowsOf'>, tallies: ShadowTallies, log: Logger) {
    this.#profiles = profiles;
    this.#tallies = tallies;
    this.#log = log;
  }

  /** Asks every shadow of the profile now. The function that is returned is told what was decided in fact. */
  decide(
    profile: Profile,
    requestId: string,
    ask: (shadow: Profile) => Decision,
  ): (active: Decision) => void {
    const answers = this.#profiles
      .shadowsOf(profile)
      .flatMap((shadow) => this.#answer(shadow, requestId, ask));
    return (active) => {
      for (const { name, decision } of answers) this.#tallies.note(name, requestId, active, decision);
    };
  }

  #answer(shadow: Profile, requestId: string, ask: (shadow: Profile) => Decision) {
    try {
      return [{ name: shadow.name, decision: ask(shadow) }];
    } catch (error) {
      this.#log.error({ err: error, requestId, profile: shadow.name }, 'a shadow profile failed to decide');
      return [];
    }
  }
}
