import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
/** Everything that the demo writes. */
export const DIR = join(ROOT, '.berth/demo');
export const KUBECONFIG = join(DIR, 'kubeconfig');
export const KUBECTL = join(ROOT, 'bin/kubectl');
export const LOCALCLUSTER = join(ROOT, 'bin/localcluster');
export const OPERATOR_LOG = join(DIR, 'logs/operator.log');
export const LOG_LEVELS = join(DIR, 'log-levels');
