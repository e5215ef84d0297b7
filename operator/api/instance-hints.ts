import { z } from 'zod';
import { referredName } from './common.ts';
import { matching, type Rule, withRules } from './schema.ts';

const MAX_NAMES = 16;

const names = z.array(referredName).max(MAX_NAMES);

/** Nova's scheduler hints, as far as a user may give them; `group` is spec.serverGroupRef. */
export const schedulerHints = z.strictObject({
  sameHost: names
    .meta({ description: "Instances of the namespace: a node that any of them is on (Nova's same_host)." })
    .optional(),
  differentHost: names
    .meta({
      description: "Instances of the namespace: a node that none of them is on (Nova's different_host).",
    })
    .optional(),
  query: z
    .string()
    .min(1)
    .max(4096)
    .meta({
      description:
        'A question about the node, as JSON: `[">=", "$free_ram_mb", 4096]`. See JsonFilter (Nova\'s query).',
    })
    .optional(),
  buildNearHostIp: z
    .string()
    .min(2)
    .max(45)
    .meta({ description: "An IPv4 or IPv6 address: a node of its network (Nova's build_near_host_ip)." })
    .optional(),
  cidr: withRules(z.string().max(4), matching(/^[/][0-9]{1,3}$/, 'is the length of a network, such as /24'))
    .meta({ description: "The size of that network; /24 if absent (Nova's cidr)." })
    .optional(),
});

const HINTS = 'self.spec.schedulerHints';
const namesItself = (hint: string) => `(has(${HINTS}.${hint}) && self.metadata.name in ${HINTS}.${hint})`;

/** For the whole object: such a hint could never be met. */
export const NO_HINT_TO_ITSELF: Rule<{ metadata: { name: string }; spec?: unknown }> = {
  rule: `!has(${HINTS}) || !(${namesItself('sameHost')} || ${namesItself('differentHost')})`,
  message: 'sameHost and differentHost name other Instances: remove its own name from them',
  fieldPath: '.spec.schedulerHints',
  check({ metadata, spec }) {
    const hints = schedulerHints.safeParse(
      (spec as { schedulerHints?: unknown } | undefined)?.schedulerHints,
    );
    const { sameHost = [], differentHost = [] } = hints.data ?? {};
    return ![...sameHost, ...differentHost].includes(metadata.name);
  },
};
