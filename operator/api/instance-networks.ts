import { z } from 'zod';
import { nameRef } from './common.ts';
import { matching, type Rule, withRules } from './schema.ts';

export const MOST_NETWORKS = 8;

/** The network of an Instance whose list is absent. */
export const DEFAULT_NETWORK = 'default';

const MAC = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/;
const ADDRESS = /^([0-9]{1,3}([.][0-9]{1,3}){3}\/[0-9]{1,2}|[0-9a-f:]{2,39}\/[0-9]{1,3})$/;

const network = withRules(
  z.strictObject({
    name: withRules(
      z.string().max(63),
      matching(
        /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
        "must be lower-case letters, digits and '-', with a letter or digit first and last, such as storage",
      ),
    ).meta({ description: 'Name in the list, and of the interface in status.addresses.' }),
    pod: z
      .strictObject({})
      .meta({
        description:
          "The cluster's pod network, behind masquerade: the guest is reached at its pod's address, which cannot be chosen.",
      })
      .optional(),
    multus: nameRef
      .meta({ description: 'A NetworkAttachmentDefinition of the same namespace, by bridge.' })
      .optional(),
    macAddress: withRules(
      z.string().max(17),
      matching(
        MAC,
        'must be six pairs of lower-case hex digits of one interface, not of a group, such as 02:00:00:00:00:01',
      ),
    )
      .meta({ description: 'MAC address; else one that is made of the Instance and the name, and stays.' })
      .optional(),
    addresses: z
      .array(
        withRules(
          z.string().max(43),
          matching(ADDRESS, 'must be an address with the length of its network, such as 192.0.2.10/24'),
        ),
      )
      .min(1)
      .max(4)
      .meta({
        description:
          'Fixed addresses that the guest is given by cloud-init when it first boots; else it asks by DHCP.',
      })
      .optional(),
  }),
  {
    rule: 'has(self.pod) != has(self.multus)',
    message: 'a network needs exactly one of pod and multus: keep one and remove the other',
    check: (it) => (it.pod === undefined) !== (it.multus === undefined),
  },
  {
    rule: '!has(self.pod) || !has(self.addresses)',
    message:
      "an address on the pod network is the cluster's to give: remove addresses, or use a network of multus",
    check: (it) => it.pod === undefined || it.addresses === undefined,
  },
  {
    rule: 'has(self.pod) == has(oldSelf.pod) && (!has(self.multus) || !has(oldSelf.multus) || self.multus == oldSelf.multus) && has(self.macAddress) == has(oldSelf.macAddress) && (!has(self.macAddress) || self.macAddress == oldSelf.macAddress) && has(self.addresses) == has(oldSelf.addresses) && (!has(self.addresses) || self.addresses == oldSelf.addresses)',
    message:
      'a network on the list cannot become another one: remove it, and add the other one under a new name',
  },
);
export type NetworkSpec = z.infer<typeof network>;

const ONE_POD: Rule<readonly { pod?: object | undefined }[]> = {
  rule: 'self.filter(it, has(it.pod)).size() <= 1',
  message: 'a guest has one interface on the pod network: keep one',
  check: (list) => list.filter(({ pod }) => pod !== undefined).length <= 1,
};

const ONE_MAC: Rule<readonly { macAddress?: string | undefined }[]> = {
  rule: 'self.all(it, !has(it.macAddress) || self.exists_one(other, has(other.macAddress) && other.macAddress == it.macAddress))',
  message: 'the same macAddress is on the list twice: give each its own',
  check: (list) => {
    const macs = list.flatMap(({ macAddress }) => (macAddress === undefined ? [] : [macAddress]));
    return new Set(macs).size === macs.length;
  },
};

/** spec.networks. */
export const networks = withRules(z.array(network).max(MOST_NETWORKS), ONE_POD, ONE_MAC).meta({
  description:
    'Interfaces of the guest, by network; the pod network alone, under the name `default`, if absent; none if empty. An entry more is plugged in, an entry less is taken out, where KubeVirt does that while the guest runs; else at its next start.',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
});

/** cloud-init gives addresses at the first boot only. */
export const ADDRESSES_AT_CREATION: Rule<unknown> = {
  rule: '!has(self.networks) || self.networks.all(it, !has(it.addresses) || (has(oldSelf.networks) && oldSelf.networks.exists(old, old.name == it.name)))',
  message:
    'addresses cannot be added after creation, since a guest is given them when it first boots: remove addresses and set them in the guest, or create another Instance',
  fieldPath: '.networks',
};

export const INTERFACE_PHASES = ['Pending', 'Attaching', 'Attached', 'Detaching'] as const;

/** status.networks. */
export const networkStatuses = z
  .array(
    z.strictObject({
      name: z.string().max(63).meta({ description: 'Name in spec.networks.' }),
      phase: z.enum(INTERFACE_PHASES).meta({
        description:
          'Pending: the message says what it waits for. Attached: the guest has it, or gets it when it starts.',
      }),
      message: z.string().max(512).meta({ description: 'What it waits for.' }).optional(),
    }),
  )
  .max(2 * MOST_NETWORKS)
  .meta({
    description:
      'The interfaces of the guest, where spec.networks is set; status.addresses has their addresses.',
  });
