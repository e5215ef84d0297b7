import { afterAll, beforeAll } from 'vitest';
import { openSite } from '../open-site.ts';
import type { Site } from '../site.ts';
import { ephemeralRoot } from '../stories/ephemeral-root.ts';
import { evacuation } from '../stories/evacuation.ts';
import { fleet } from '../stories/fleet.ts';
import { install } from '../stories/install.ts';
import { persistentRoot } from '../stories/persistent-root.ts';
import { plugging } from '../stories/plugging.ts';
import { samples } from '../stories/samples.ts';
import { uninstall } from '../stories/uninstall.ts';

/**
 * Berth as its users have it, on a cluster that is up: installed with Helm, asked with kubectl and its plugin, uninstalled. Each test goes on from
 * where the one before left off.
 */
let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site?.close());

const at = () => site;
install(at);
ephemeralRoot(at);
persistentRoot(at);
plugging(at);
fleet(at);
samples(at);
evacuation(at);
uninstall(at);
