import { z } from 'zod';
import type { KubeObject } from '#runtime/resource.ts';
import { count, dnsLabel, objectName, requestId, resourceCounts } from './common.ts';
import { GROUP, VERSION } from './constants.ts';
import { AGE_COLUMN, type KindDefinition } from './kind.ts';

export const CLAIM_OWNER_KINDS = [
  'Instance',
  'InstanceMigration',
  'VirtualMachineInstanceMigration',
] as const;

export const claimUid = z.string().min(1).max(63);

export const claim = z.strictObject({
  uid: claimUid.meta({ description: 'uid of the owner: what holds the claim.' }),
  ownerKind: z.enum(CLAIM_OWNER_KINDS).meta({ description: 'Kind of the owner.' }),
  namespace: dnsLabel.meta({ description: 'Namespace of the owner.' }),
  name: objectName.meta({ description: 'Name of the owner.' }),
  instanceUid: claimUid.meta({ description: 'uid of the Instance whose guest the claim is for.' }),
  vcpus: count.meta({ description: 'Virtual CPUs of the guest that share CPUs with others.' }),
  memoryMiB: count.meta({ description: "The guest's memory, unless it is counted elsewhere." }),
  overheadMiB: count.meta({
    description:
      "Memory that no ratio scales: KubeVirt's own beside the guest's, and the guest's where its CPUs are dedicated.",
  }),
  diskGiB: count.meta({ description: 'Disk on the node itself; 0 where the root disk is a volume.' }),
  dedicatedCpus: count.meta({ description: "CPUs that are the guest's alone." }).optional(),
  devices: resourceCounts
    .meta({ description: 'Devices that are passed through, by resource name.' })
    .optional(),
  hugepages: resourceCounts
    .meta({ description: "Huge pages of the guest's memory, by resource name, in pages." })
    .optional(),
  serverGroup: objectName
    .meta({ description: "ServerGroup of the owner's namespace that the Instance is a member of." })
    .optional(),
  requestId: requestId.meta({ description: 'Request that made the claim.' }).optional(),
});
export type Claim = z.infer<typeof claim>;

export const nodeLedgerSpec = z.strictObject({
  claims: z
    .array(claim)
    .max(2000)
    .meta({
      description: 'What is promised on this node, by owner.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
    })
    .default([]),
});

export interface NodeLedger extends KubeObject {
  spec: z.infer<typeof nodeLedgerSpec>;
}

export const NODE_LEDGER = {
  group: GROUP,
  version: VERSION,
  plural: 'nodeledgers',
  kind: 'NodeLedger',
  namespaced: false,
};

export const nodeLedgerKind: KindDefinition = {
  kind: 'NodeLedger',
  plural: 'nodeledgers',
  singular: 'nodeledger',
  shortNames: ['nl'],
  scope: 'Cluster',
  description:
    'The claims on one node, the authority among Instances. Berth alone writes it, by compare-and-swap on its resourceVersion.',
  spec: nodeLedgerSpec,
  columns: [AGE_COLUMN],
};
