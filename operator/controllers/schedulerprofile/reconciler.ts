import { FIELD_MANAGERS } from '#api/constants.ts';
import { SCHEDULER_PROFILE, type SchedulerProfile, type ShadowStatus } from '#api/schedulerprofile.ts';
import { type ConditionDraft, mergeConditions } from '#core/conditions.ts';
import { profileOf } from '#core/profiles/profile-of.ts';
import { addTally, type Tally } from '#core/profiles/tally.ts';
import { DEFAULT_PROFILE } from '#core/scheduling/profile.ts';
import { applyIfChanged } from '#runtime/apply.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { Reconciler } from '#runtime/controller.ts';
import type { Caches } from '../caches.ts';
import type { ShadowTallies } from './shadow-tallies.ts';

/** A burst of decisions is told of together. Whoever compares profiles looks for hours: half a minute is soon enough. */
const BETWEEN_WRITES_MS = 30_000;

/** Says whether a profile is valid, and of a shadow how it would have decided. */
export function schedulerProfileReconciler(
  client: KubeClient,
  caches: Pick<Caches, 'schedulerProfiles'>,
  tallies: ShadowTallies,
  now: () => Date,
): Reconciler {
  const written = new Map<string, number>();
  return {
    name: 'schedulerprofile',
    async reconcile(name) {
      const profile = caches.schedulerProfiles.get(name);
      if (!profile || profile.metadata.deletionTimestamp) {
        written.delete(name);
        return undefined;
      }
      const time = now();
      const isNew = profile.status?.observedGeneration !== profile.metadata.generation;
      const waitMs = (written.get(name) ?? 0) + BETWEEN_WRITES_MS - time.getTime();
      if (!isNew && waitMs > 0) return { requeueAfterMs: waitMs };
      const tally = tallies.take(name);
      try {
        await write(client, caches, profile, tally, time);
      } catch (error) {
        tallies.putBack(name, tally);
        throw error;
      }
      written.set(name, time.getTime());
      return profile.spec.mode === 'Shadow' ? { requeueAfterMs: BETWEEN_WRITES_MS } : undefined;
    },
  };
}

async function write(
  client: KubeClient,
  caches: Pick<Caches, 'schedulerProfiles'>,
  profile: SchedulerProfile,
  tally: Tally,
  now: Date,
): Promise<void> {
  const { name, generation } = profile.metadata;
  const status = {
    observedGeneration: generation,
    ...(profile.spec.mode === 'Shadow' && { shadow: addTally(countsSoFar(profile, now), tally) }),
    conditions: mergeConditions(profile.status?.conditions, [readyOf(profile)], { now, generation }),
  };
  const options = { fieldManager: FIELD_MANAGERS.schedulerProfile, force: true, subresource: 'status' };
  await applyIfChanged(
    client,
    SCHEDULER_PROFILE,
    caches.schedulerProfiles,
    { metadata: { name }, status },
    options,
  );
}

/** Another version is another profile: it is counted from 0. */
function countsSoFar({ status, metadata }: SchedulerProfile, now: Date): ShadowStatus {
  if (status?.shadow && status.observedGeneration === metadata.generation) return status.shadow;
  return { since: now.toISOString(), decisions: 0, differing: 0, byReason: [], lastDiffering: [] };
}

function readyOf({ metadata, spec }: SchedulerProfile): ConditionDraft {
  const resolved = profileOf(metadata.name, spec, DEFAULT_PROFILE);
  if (resolved.kind === 'invalid')
    return {
      type: 'Ready',
      status: 'False',
      reason: 'InvalidProfile',
      message: resolved.problems.join('; '),
    };
  if (spec.mode === 'Active')
    return {
      type: 'Ready',
      status: 'True',
      reason: 'InForce',
      message: 'Instances that choose it are placed by it',
    };
  const message = `decides alongside ${spec.shadowOf ?? 'default'}, and places nothing`;
  return { type: 'Ready', status: 'True', reason: 'InShadow', message };
}
