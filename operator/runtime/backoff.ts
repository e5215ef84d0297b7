export interface BackoffSettings {
  baseMs: number;
  capMs: number;
}

/** A number in [0, 1). Injected where a test has to know it. */
export type Random = () => number;

/** The longest wait after `failures` failures (the first is 1): base doubled each time, up to the cap. */
export function backoffCeilingMs(settings: BackoffSettings, failures: number): number {
  const doublings = Math.max(0, failures - 1);
  return Math.min(settings.capMs, settings.baseMs * 2 ** doublings);
}

/** Full jitter: anywhere between nothing and the ceiling. Best where many clients fail together. */
export function fullJitterMs(
  settings: BackoffSettings,
  failures: number,
  random: Random = Math.random,
): number {
  return random() * backoffCeilingMs(settings, failures);
}

/** Equal jitter: at least half the ceiling, so that a wait always grows. */
export function equalJitterMs(
  settings: BackoffSettings,
  failures: number,
  random: Random = Math.random,
): number {
  const ceiling = backoffCeilingMs(settings, failures);
  return ceiling / 2 + (random() * ceiling) / 2;
}
