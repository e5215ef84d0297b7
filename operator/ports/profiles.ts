import type { Instance } from '#api/instance.ts';
import type { Missing } from '#core/lifecycle/situation.ts';
import type { Profile } from '#core/scheduling/profile.ts';

/** What an Instance is scheduled by, or why it has to wait for that. */
export type ProfileChoice =
  | { readonly kind: 'chosen'; readonly profile: Profile }
  | { readonly kind: 'missing'; readonly missing: Missing };

/** The profiles that are in force now. A profile that was changed is another object. */
export interface Profiles {
  /** Moves with every change. */
  readonly version: number;
  /** For who chooses none: the SchedulerProfile named default, else the built-in one. */
  readonly fallback: Profile;
  of(instance: Pick<Instance, 'spec' | 'metadata'>): ProfileChoice;
  /** Those that decide alongside this one. */
  shadowsOf(profile: Profile): readonly Profile[];
}
