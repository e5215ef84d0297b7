import { Fleet } from '../fleet.ts';
import type { HostState, Inventory } from '../host-state.ts';
import type { ClaimResources } from '../resources.ts';
import type { Change } from './arbitraries.ts';

export function inventory(total: number, other: Partial<Inventory> = {}): Inventory {
  return { total, reserved: 0, used: 0, allocationRatio: 1, ...other };
}

/** A host that is up, with 8 vcpus, 16 GiB and 100 GiB of disk free. */
export function host(name: string, other: Partial<HostState> = {}): HostState {
  return {
    name,
    up: true,
    disabled: false,
    vcpus: inventory(8),
    memoryMiB: inventory(16384),
    diskGiB: inventory(100),
    overheadMiB: 0,
    numInstances: 0,
    numIoOps: 0,
    ...other,
  };
}

export function fleetOf(hosts: Iterable<HostState>): Fleet {
  const fleet = new Fleet();
  for (const state of hosts) fleet.upsertHost(state);
  return fleet;
}

export function resources(other: Partial<ClaimResources> = {}): ClaimResources {
  return { vcpus: 1, memoryMiB: 1024, overheadMiB: 0, diskGiB: 0, ...other };
}

export function apply(fleet: Fleet, change: Change): void {
  if (change.kind === 'upsert') fleet.upsertHost(change.host);
  else if (change.kind === 'remove') fleet.removeHost(change.name);
  else {
    const index = fleet.indexOf(change.name);
    if (index !== undefined) fleet[change.kind](index, change.resources);
  }
}
