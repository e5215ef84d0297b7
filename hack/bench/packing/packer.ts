import type { ClaimResources } from '#core/scheduling/resources.ts';
import type { Mix } from './mixes.ts';

/** A scheduler at its hosts. Hosts are numbered as in the mix. */
export interface Packer {
  /** Takes the place; undefined when no host is valid. */
  place(flavor: ClaimResources): number | undefined;
  release(host: number, flavor: ClaimResources): void;
}

export interface Packed {
  readonly requests: number;
  readonly placed: number;
  readonly asked: Amounts;
  readonly given: Amounts;
}

export interface Amounts {
  readonly vcpus: number;
  readonly memoryMiB: number;
}

export const NOTHING: Amounts = { vcpus: 0, memoryMiB: 0 };

export function plus(a: Amounts, b: Amounts): Amounts {
  return { vcpus: a.vcpus + b.vcpus, memoryMiB: a.memoryMiB + b.memoryMiB };
}

/** Every request of the mix in turn, once each; who leaves does so before the round's arrivals. */
export function pack(mix: Mix, packer: Packer): Packed {
  const leaving: { host: number; flavor: ClaimResources }[][] = [];
  let [requests, placed, asked, given] = [0, 0, NOTHING, NOTHING];
  for (const [round, arrivals] of mix.rounds.entries()) {
    for (const { host, flavor } of leaving[round] ?? []) packer.release(host, flavor);
    for (const { flavor, stays } of arrivals) {
      requests += 1;
      asked = plus(asked, flavor);
      const host = packer.place(flavor);
      if (host === undefined) continue;
      placed += 1;
      given = plus(given, flavor);
      leaving[round + stays] = [...(leaving[round + stays] ?? []), { host, flavor }];
    }
  }
  return { requests, placed, asked, given };
}
