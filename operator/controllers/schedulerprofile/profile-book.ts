import { SCHEDULER_PROFILE_LABEL } from '#api/constants.ts';
import type { Instance } from '#api/instance.ts';
import type { SchedulerProfile, SchedulerProfileSpec } from '#api/schedulerprofile.ts';
import { profileOf } from '#core/profiles/profile-of.ts';
import type { Profile } from '#core/scheduling/profile.ts';
import type { ProfileChoice, Profiles } from '#ports/profiles.ts';
import type { Caches } from '../caches.ts';

interface Entry {
  readonly generation: number | undefined;
  readonly uid: string;
  /** The last version that was valid, if this operator saw one. */
  readonly valid: { readonly spec: SchedulerProfileSpec; readonly profile: Profile } | undefined;
}

const DEFAULT = 'default';

/** The SchedulerProfiles as they are in force: each in its last valid version. */
export class ProfileBook implements Profiles {
  version = 0;
  readonly #caches: Pick<Caches, 'schedulerProfiles' | 'namespaces'>;
  readonly #builtIn: Profile;
  readonly #entries = new Map<string, Entry>();

  constructor(caches: Pick<Caches, 'schedulerProfiles' | 'namespaces'>, builtIn: Profile) {
    this.#caches = caches;
    this.#builtIn = builtIn;
    caches.schedulerProfiles.onChange(({ object }) => this.#take(object.metadata.name));
  }

  get fallback(): Profile {
    return this.#active(DEFAULT) ?? this.#builtIn;
  }

  of(instance: Pick<Instance, 'spec' | 'metadata'>): ProfileChoice {
    const { name, field } = this.#named(instance);
    if (name === undefined) return { kind: 'chosen', profile: this.fallback };
    const profile = this.#active(name);
    if (profile) return { kind: 'chosen', profile };
    const entry = this.#entries.get(name);
    if (!entry && name === DEFAULT) return { kind: 'chosen', profile: this.#builtIn };
    const problem = entry && unusable(entry);
    return {
      kind: 'missing',
      missing: { kind: 'SchedulerProfile', name, field, ...(problem && { problem }) },
    };
  }

  shadowsOf({ name }: Profile): Profile[] {
    return [...this.#entries.values()].flatMap(({ valid }) =>
      valid?.spec.mode === 'Shadow' && (valid.spec.shadowOf ?? DEFAULT) === name ? [valid.profile] : [],
    );
  }

  #named({ spec, metadata }: Pick<Instance, 'spec' | 'metadata'>): {
    name?: string | undefined;
    field: string;
  } {
    if (spec.schedulerProfile !== undefined)
      return { name: spec.schedulerProfile, field: 'spec.schedulerProfile' };
    const namespace = this.#caches.namespaces.get(metadata.namespace ?? '');
    const field = `label ${SCHEDULER_PROFILE_LABEL} of namespace ${metadata.namespace}`;
    return { name: namespace?.metadata.labels?.[SCHEDULER_PROFILE_LABEL], field };
  }

  #active(name: string): Profile | undefined {
    const valid = this.#entries.get(name)?.valid;
    return valid?.spec.mode === 'Active' ? valid.profile : undefined;
  }

  #take(name: string): void {
    const object = this.#caches.schedulerProfiles.get(name);
    const known = this.#entries.get(name);
    if (object && known?.uid === object.metadata.uid && known.generation === object.metadata.generation)
      return;
    this.version += 1;
    if (object) this.#entries.set(name, this.#entryOf(object, known));
    else this.#entries.delete(name);
  }

  #entryOf({ metadata: { name, uid, generation }, spec }: SchedulerProfile, known: Entry | undefined): Entry {
    const resolved = profileOf(name, spec, this.#builtIn);
    const before = known?.uid === uid ? known.valid : undefined;
    return {
      uid,
      generation,
      valid: resolved.kind === 'valid' ? { spec, profile: resolved.profile } : before,
    };
  }
}

function unusable({ valid }: Entry): string {
  return valid
    ? 'is in mode Shadow, and places nothing: choose another, or set its mode: Active'
    : 'is not valid: see its condition Ready, and mend it';
}
