import type { Fleet } from '#core/scheduling/fleet.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';

const MOST = Number.MAX_VALUE;

/** A scale's figures of the hosts that pass, and its ends. */
class Scale {
  readonly raws: Float64Array;
  least = 0;
  greatest = 0;

  constructor(size: number) {
    this.raws = new Float64Array(size);
  }
}

/**
 * The yardstick: what somebody writes who knows what is fast but reuses nothing. For each decision it goes over plain
 * typed arrays twice: who is up and has room, with the RAM, CPU, disk and I/O figures; then the weights on their scales,
 * and the best. No reasons, no alternates, no explanation.
 */
export class PlainScan {
  readonly #fleet: Fleet;
  readonly #up: Uint8Array;
  readonly #passing: Int32Array;
  readonly #ram: Scale;
  readonly #cpu: Scale;
  readonly #disk: Scale;
  readonly #io: Scale;

  constructor(fleet: Fleet) {
    const { size } = fleet;
    this.#fleet = fleet;
    this.#up = Uint8Array.from({ length: size }, (_, host) =>
      fleet.stateOf(fleet.nameOf(host))?.up ? 1 : 0,
    );
    this.#passing = new Int32Array(size);
    this.#ram = new Scale(size);
    this.#cpu = new Scale(size);
    this.#disk = new Scale(size);
    this.#io = new Scale(size);
  }

  /** The index of the best host; undefined when none has room. */
  best(asked: ClaimResources): number | undefined {
    const count = this.#filter(asked);
    const { raws: ram, least: ram0 } = this.#ram;
    const { raws: cpu, least: cpu0 } = this.#cpu;
    const { raws: disk, least: disk0 } = this.#disk;
    const { raws: io, least: io0 } = this.#io;
    const perRam = slope(this.#ram);
    const perCpu = slope(this.#cpu);
    const perDisk = slope(this.#disk);
    const perIo = slope(this.#io);
    let best: number | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i += 1) {
      const weight =
        ((ram[i] as number) - ram0) * perRam +
        ((cpu[i] as number) - cpu0) * perCpu +
        ((disk[i] as number) - disk0) * perDisk +
        ((io[i] as number) - io0) * perIo;
      if (weight <= most) continue;
      most = weight;
      best = this.#passing[i];
    }
    return best;
  }

  /** How many pass; their figures are in the scales. */
  #filter({ vcpus, memoryMiB, overheadMiB, diskGiB }: ClaimResources): number {
    const { size, numIoOps, overheadMiB: overhead } = this.#fleet;
    const { total: cpuTotal, reserved: cpuReserved, used: cpuUsed, allocationRatio } = this.#fleet.vcpus;
    const { total: ramTotal, reserved: ramReserved, used: ramUsed } = this.#fleet.memoryMiB;
    const { total: diskTotal, reserved: diskReserved, used: diskUsed } = this.#fleet.diskGiB;
    const [up, passing] = [this.#up, this.#passing];
    const [ram, cpu, disk, io] = [this.#ram.raws, this.#cpu.raws, this.#disk.raws, this.#io.raws];
    const memory = memoryMiB + overheadMiB;
    let [ramLeast, cpuLeast, diskLeast, ioLeast] = [MOST, MOST, MOST, MOST];
    let [ramGreatest, cpuGreatest, diskGreatest, ioGreatest] = [-MOST, -MOST, -MOST, -MOST];
    let count = 0;
    for (let host = 0; host < size; host += 1) {
      if (up[host] === 0) continue;
      const freeRam =
        (ramTotal[host] as number) -
        (ramReserved[host] as number) -
        (ramUsed[host] as number) -
        (overhead[host] as number);
      if (memory > freeRam) continue;
      const freeCpu =
        ((cpuTotal[host] as number) - (cpuReserved[host] as number)) * (allocationRatio[host] as number) -
        (cpuUsed[host] as number);
      if (vcpus > freeCpu) continue;
      const freeDisk =
        (diskTotal[host] as number) - (diskReserved[host] as number) - (diskUsed[host] as number);
      if (diskGiB > freeDisk) continue;
      passing[count] = host;
      ram[count] = freeRam;
      cpu[count] = freeCpu;
      disk[count] = freeDisk;
      const calm = -(numIoOps[host] as number);
      io[count] = calm;
      count += 1;
      if (freeRam < ramLeast) ramLeast = freeRam;
      if (freeRam > ramGreatest) ramGreatest = freeRam;
      if (freeCpu < cpuLeast) cpuLeast = freeCpu;
      if (freeCpu > cpuGreatest) cpuGreatest = freeCpu;
      if (freeDisk < diskLeast) diskLeast = freeDisk;
      if (freeDisk > diskGreatest) diskGreatest = freeDisk;
      if (calm < ioLeast) ioLeast = calm;
      if (calm > ioGreatest) ioGreatest = calm;
    }
    span(this.#ram, ramLeast, ramGreatest);
    span(this.#cpu, cpuLeast, cpuGreatest);
    span(this.#disk, diskLeast, diskGreatest);
    span(this.#io, ioLeast, ioGreatest);
    return count;
  }
}

function slope({ least, greatest }: Scale): number {
  return greatest > least ? 1 / (greatest - least) : 0;
}

function span(scale: Scale, least: number, greatest: number): void {
  scale.least = least;
  scale.greatest = greatest;
}
