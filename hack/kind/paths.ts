import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** All that is built or downloaded: kept between runs, ignored by git. */
export const WORK = join(ROOT, '.berth/kind');
export const BINARIES = join(WORK, 'bin');
export const KUBECONFIG = join(WORK, 'kubeconfig');
/** Mounted into each node, so that they share a disk. */
export const SHARED_VOLUMES = join(WORK, 'volumes');

export const CLUSTER = 'berth-e2e';
export const WORKERS = [`${CLUSTER}-worker`, `${CLUSTER}-worker2`];
export const CONTROL_PLANE = `${CLUSTER}-control-plane`;
export const NODES = [CONTROL_PLANE, ...WORKERS];
