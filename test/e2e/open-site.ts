import { join } from 'node:path';
import { kindSite } from './kind-site.ts';
import { localSite } from './local-site.ts';
import type { Site } from './site.ts';
import { ROOT } from './user.ts';

/** The site that BERTH_E2E names: `kind`, for the cluster of `make kind-up`; else a local cluster that is started for the suite. */
export const openSite = (): Promise<Site> =>
  process.env.BERTH_E2E === 'kind' ? kindSite(join(ROOT, '.berth/kind/kubeconfig')) : localSite();
