/** What the guest of hack/kind/guest told on its serial line since its launcher started. */
export interface Told {
  /** How often it said that it is up. */
  starts: number;
  /** Of each disk with its mark: how often it was booted from, as the guest read it last. */
  boots: Readonly<Record<number, number>>;
  /** Seconds that it has counted since it is up. */
  ticks: number;
  /** Its memory above 16 MiB, as it found it last. */
  memoryMiB: number;
  /** Was it asked to shut down? */
  powerButton: boolean;
}

const ABOVE_MIB = 16;
const PIECE_KIB = 64;

export function readSerial(text: string): Told {
  const told = { starts: 0, boots: {} as Record<number, number>, ticks: 0, memoryMiB: 0, powerButton: false };
  for (const line of text.split(/[\r\n]+/)) {
    const [, what, first = '', second = ''] =
      /(guest up, memory|disk|tick|power button) ?(\d*)(?: boot (\d+))?$/.exec(line) ?? [];
    if (what === 'guest up, memory') {
      told.starts += 1;
      told.boots = {};
      told.memoryMiB = ABOVE_MIB + (Number(first) * PIECE_KIB) / 1024;
    }
    if (what === 'disk') told.boots[Number(first)] = Number(second);
    if (what === 'tick') told.ticks = Number(first);
    if (what === 'power button') told.powerButton = true;
  }
  return told;
}
