import type { ClusterPlacementProbeStatus } from '#api/clusterplacementprobe.ts';
import type { FlavorCapacity } from '#api/flavor.ts';
import { MOST_NODES_PER_FLAVOR } from '#api/probe-answer.ts';
import type { HostRoom } from '../scheduling/capacity.ts';

type FlavorAnswer = NonNullable<ClusterPlacementProbeStatus['flavors']>[number];

/** More than these are not named in a message. */
const MOST_NAMED = 20;

/** How many of one Flavor fit on each node that was asked about; else on those with the most room. */
export function nodesWithRoom(
  onVolume: readonly HostRoom[],
  ephemeral: readonly HostRoom[],
  asked: readonly string[] | undefined,
): FlavorAnswer['nodes'] {
  const [fits, fitsEphemeralRoot] = [byHost(onVolume), byHost(ephemeral)];
  const names = asked ?? onVolume.slice(0, MOST_NODES_PER_FLAVOR).map(({ host }) => host);
  return names.map((nodeName) => ({
    nodeName,
    fits: fits.get(nodeName) ?? 0,
    fitsEphemeralRoot: fitsEphemeralRoot.get(nodeName) ?? 0,
  }));
}

const byHost = (rooms: readonly HostRoom[]) => new Map(rooms.map(({ host, room }) => [host, room]));

/** The answer in words. `asked` counts those, too, that the status has no place for. */
export function flavorsMessage(
  flavors: readonly (Pick<FlavorCapacity, 'fits'> & { name: string })[],
  asked: number,
): string {
  if (asked === 0) return 'there are no Flavors';
  const named = flavors.slice(0, MOST_NAMED).map(({ name, fits }) => `${name} ${fits}`);
  const others = asked - named.length;
  return `how many more fit: ${named.join(', ')}${others > 0 ? ` and ${others} Flavors more` : ''}`;
}
