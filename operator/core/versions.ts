/** What Berth rests on, and the releases that it is tested with: the whole suite runs on the newest of each. */
export const TESTED = {
  Kubernetes: ['1.33'],
  KubeVirt: ['1.7'],
} as const;

export type Component = keyof typeof TESTED;

/** The oldest with everything that Berth cannot do without, and what that is. */
const OLDEST: Record<Component, { release: string; since: string }> = {
  Kubernetes: {
    release: '1.30',
    since: 'scheduling gates and ValidatingAdmissionPolicies, which keep every guest to its claim',
  },
  KubeVirt: { release: '1.6', since: 'volumes that are plugged into a guest by its template' },
};

export type VersionVerdict =
  | { kind: 'tested' }
  | { kind: 'untested' | 'tooOld' | 'unknown'; message: string };

/** @param version as the component gives it: `v1.33.13`, `v1.30.4-gke.100`. */
export function judgeVersion(component: Component, version: string): VersionVerdict {
  const release = /^v?(\d+\.\d+)/.exec(version)?.[1];
  if (release === undefined)
    return { kind: 'unknown', message: `${component} calls its version ${version}: nothing is known of it` };
  const { release: oldest, since } = OLDEST[component];
  const tested = TESTED[component];
  if (compare(release, oldest) < 0)
    return {
      kind: 'tooOld',
      message: `${component} is ${version}: Berth needs ${oldest} or newer, which has ${since}`,
    };
  if ((tested as readonly string[]).includes(release)) return { kind: 'tested' };
  return {
    kind: 'untested',
    message: `${component} is ${version}: Berth is tested with ${tested.join(', ')}, so try it with guests that you can lose`,
  };
}

/** As numbers, part by part. */
function compare(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
