import { z } from 'zod';
import { referredName } from './common.ts';

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
});
