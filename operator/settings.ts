import { hostname } from 'node:os';
import { z } from 'zod';
import { zoneName } from '#api/common.ts';
import { TASK_STATES } from '#api/instance.ts';
import { IMAGE_SOURCE } from '#core/images/allow-list.ts';
import { LEVELS } from './logging/levels.ts';

const port = z.coerce.number().int().min(0).max(65535);
const ratio = z.coerce.number().min(0.01).max(1000);

const deadline = z.string().regex(new RegExp(`^(${TASK_STATES.join('|')})=[0-9]+$`), {
  error: `give TASKSTATE=SECONDS, with one of ${TASK_STATES.join(', ')}`,
});

const metricQuery = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.:]*=.+$/, {
  error: 'give NAME=PROMQL, such as load=node_load5',
});

const imageSource = z.string().regex(IMAGE_SOURCE, {
  error: 'give SCHEME://HOST[/PATH] with docker, http or https, such as docker://quay.io/containerdisks',
});

const alias = z.string().regex(/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?=[^=\s]+$/, {
  error: 'give NAME=RESOURCE, such as a100=nvidia.com/GA100_A100_PCIE_40GB',
});

/** Every setting, by its name in the file. */
export const settings = z.strictObject({
  config: z
    .string()
    .optional()
    .describe('Path of a YAML file with settings by their names; flags and environment go before it'),
  kubeconfig: z
    .string()
    .optional()
    .describe('Path of a kubeconfig; else KUBECONFIG, ~/.kube/config or the pod it runs in'),
  namespace: z.string().default('berth-system').describe("Berth's own namespace: its Lease and certificates"),
  identity: z
    .string()
    .default(`${hostname()}-${process.pid}`)
    .describe('Name of this replica in the election; host name and process id unless set'),
  userName: z
    .string()
    .regex(/^[^'\\\s]+$/, { error: 'give a user name without quotes and spaces' })
    .optional()
    .describe('User that guests are kept to; else the one that the API server takes us for'),
  kubevirtNamespace: z.string().default('kubevirt').describe("Where KubeVirt's controllers run"),
  bindAddress: z
    .string()
    .default('0.0.0.0')
    .describe('Address that the webhook and health servers listen on'),
  webhookPort: port.default(9443).describe('Port of the admission webhook; 0: any'),
  webhookService: z
    .string()
    .default('berth-webhook')
    .describe('Service under which the API server reaches the webhook'),
  webhookHost: z
    .string()
    .optional()
    .describe('Outside a cluster: host under which the API server reaches the webhook'),
  admissionObjects: z
    .enum(['published', 'installed'])
    .default('published')
    .describe(
      'published: Berth writes its webhooks and policies itself; installed: the chart did, and Berth only sees to the CA bundle',
    ),
  shutdownDelay: z.coerce
    .number()
    .int()
    .min(0)
    .max(60)
    .default(0)
    .describe(
      'Seconds that the webhook serves on after SIGTERM: until no call is led to this replica any more',
    ),
  certificateDir: z
    .string()
    .optional()
    .describe(
      "Folder with tls.crt and tls.key for the webhook, such as cert-manager's; else Berth makes its own",
    ),
  healthPort: port.default(8080).describe('Port of /healthz and /readyz; 0: any'),
  logFormat: z.enum(['json', 'text']).default('json').describe('json, or text for people'),
  logLevel: z
    .enum(LEVELS)
    .default('info')
    .describe(`${LEVELS.join(', ')}`),
  logFile: z
    .string()
    .optional()
    .describe('File that the log is written to as well, in a folder that is there; earlier ones beside it'),
  logFileSize: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('MiB above which a new log file is begun'),
  logFileDays: z.coerce
    .number()
    .int()
    .min(1)
    .max(31)
    .default(1)
    .describe('Days after which a new log file is begun'),
  logFileKeep: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(14)
    .describe('Earlier log files that are kept'),
  logControl: z
    .string()
    .optional()
    .describe('File that sets log levels while running: lines LEVEL or MODULE=LEVEL'),
  cpuAllocationRatio: ratio
    .default(4)
    .describe('vCPUs promised for each CPU, where a ComputeNode does not say'),
  memoryAllocationRatio: ratio
    .default(1)
    .describe('Memory promised for each byte, where a ComputeNode does not say'),
  diskAllocationRatio: ratio
    .default(1)
    .describe('Local disk promised for each byte, where a ComputeNode does not say'),
  defaultAvailabilityZone: zoneName
    .optional()
    .describe('Zone of Instances that name none; any zone unless set'),
  deviceAlias: z
    .array(alias)
    .default([])
    .describe("NAME=RESOURCE, can be repeated: what Flavors call a device, and Kubernetes' name of it"),
  imageSource: z
    .array(imageSource)
    .default([])
    .describe('SCHEME://HOST[/PATH], can be repeated: a place that images may be taken from; all unless set'),
  maxAttempts: z.coerce
    .number()
    .int()
    .min(1)
    .max(8)
    .default(3)
    .describe('Nodes tried at most for one request'),
  maintenanceMoves: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(2)
    .describe('Instances moved at once off a node in maintenance, where it does not say'),
  // Most of the time an Instance waits for the API server. So many of a burst share one pass of the scheduler, and have
  // their claims before the first of them begins to build; the client's sockets bound what the API server is asked at once.
  concurrency: z.coerce.number().int().min(1).max(256).default(128).describe('Instances worked on at once'),
  otlpUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'OpenTelemetry collector that gets a trace of each request, by OTLP over HTTP; none unless set',
    ),
  prometheusUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Prometheus that is asked for the nodes' metrics; none unless set"),
  prometheusQuery: z
    .array(metricQuery)
    .max(32)
    .default([])
    .describe('NAME=PROMQL, can be repeated: a metric for MetricsWeigher and MetricsFilter'),
  prometheusInterval: z.coerce
    .number()
    .min(1)
    .max(3600)
    .default(30)
    .describe('Seconds between queries; what is not renewed in three of them is unavailable'),
  prometheusNodeLabel: z
    .string()
    .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/)
    .default('node')
    .describe('Label of the result that has the name of the node'),
  prometheusTokenFile: z.string().optional().describe('File with a bearer token for Prometheus'),
  resizeConfirmWindow: z.coerce
    .number()
    .int()
    .min(0)
    .max(30 * 24 * 3600)
    .default(0)
    .describe('Seconds after which a resize or cold migration is confirmed by itself; 0: never'),
  taskDeadline: z
    .array(deadline)
    .default([])
    .describe('TASKSTATE=SECONDS, can be repeated: longest stay in a task state'),
});

export type Config = z.infer<typeof settings>;
export type SettingName = keyof Config;

export const SETTING_NAMES = Object.keys(settings.shape) as SettingName[];

/** Settings with several values: repeated flags, lists in the file. */
export const REPEATED: readonly SettingName[] = [
  'taskDeadline',
  'prometheusQuery',
  'deviceAlias',
  'imageSource',
];

/** Between the values of a repeated setting in the environment: PromQL has commas of its own. */
export const separatorOf = (name: SettingName): string => (name === 'prometheusQuery' ? '\n' : ',');

const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export const flagOf = (name: SettingName): string => `--${kebab(name)}`;

export const variableOf = (name: SettingName): string =>
  `BERTH_${kebab(name).replaceAll('-', '_').toUpperCase()}`;
