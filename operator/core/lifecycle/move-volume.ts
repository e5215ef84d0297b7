import { featuresOf } from '../flavors/guest-features.ts';
import type { Ties } from '../scheduling/request-spec.ts';
import { isSameSize, type ResizeRecord } from './resize-record.ts';

/** What a root disk that is a volume allows. */
export interface RootVolume {
  /** GiB of disk that its claim asks for. */
  sizeGiB: number;
  isBound: boolean;
  storageClass: string;
  expandable: boolean;
  /** Nodes that it is reached from, where it lives on the disk of one; undefined: from any that the scheduler allows. */
  onlyOn: readonly string[] | undefined;
}

/** Why the root disk keeps a guest from its new size or from leaving; undefined: it does not. `isCopied`: it is taken along. */
export function whyVolumeForbids(
  record: ResizeRecord,
  volume: RootVolume | undefined,
  isCopied = false,
): { code: string; message: string } | undefined {
  if (!volume) return undefined;
  const { sourceNode, flavor, oldFlavor, wantedNode } = record;
  const { onlyOn, storageClass } = volume;
  const staysOn = !isCopied && onlyOn?.every((node) => node === sourceNode);
  if (staysOn && (isSameSize(record) || (wantedNode !== undefined && wantedNode !== sourceNode))) {
    const message = `the root disk is a volume on the disk of ${sourceNode}, and cannot be reached from another node: use a StorageClass of the network for Instances that are to move`;
    return { code: 'VolumeHeldToNode', message };
  }
  if (flavor.rootDiskGiB <= Math.max(volume.sizeGiB, oldFlavor.rootDiskGiB)) return undefined;
  const not = (why: string) => ({
    code: 'DiskCannotGrow',
    message: `${flavor.name} has a root disk of ${flavor.rootDiskGiB} GiB, and ${why}`,
  });
  if (!volume.isBound) return not('the volume is not there yet: start the guest once');
  return volume.expandable ? undefined : not(`StorageClass ${storageClass} does not let volumes grow`);
}

/** Both places on one node would take from its CPUs what neither does alone. */
const changesCpuPolicy = ({ flavor, oldFlavor }: ResizeRecord): boolean =>
  featuresOf(flavor.extraSpecs).dedicatedCpus !== featuresOf(oldFlavor.extraSpecs).dedicatedCpus;

/** Where a move may lead. A resize may stay where it is (Nova's allow_resize_to_same_host), a migration or a live resize may not. */
export function moveTies(record: ResizeRecord, volume: RootVolume | undefined): Ties {
  const { sourceNode, wantedNode, excluded } = record;
  const allowed = [wantedNode === undefined ? undefined : [wantedNode], volume?.onlyOn].filter(
    (it) => it !== undefined,
  );
  const onlyHosts = allowed.length > 0 && allowed.reduce((a, b) => a.filter((node) => b.includes(node)));
  return {
    ownHost: sourceNode,
    ...(excluded && { failedHosts: excluded }),
    ...((isSameSize(record) || record.live || changesCpuPolicy(record)) && { ignoreHosts: [sourceNode] }),
    ...(onlyHosts && { onlyHosts }),
  };
}

/** CDI's pods would have to be let in there, while the guest is off. */
export const cordoned = (nodeName: string): { code: string; message: string } => ({
  code: 'NodeCordoned',
  message: `what is on the disk of a node cannot be copied while ${nodeName} is cordoned: kubectl uncordon ${nodeName}, and ask again. spec.maintenance or spec.disabled of its ComputeNode keep new Instances away as well`,
});
