import { KubeConfig } from '@kubernetes/client-node';
import { releaseGuests } from '#controllers/fence/release-guests.ts';
import { createClient } from '#runtime/client.ts';
import { stopSignal } from '#runtime/process-signals.ts';
import { type Config, ConfigError, configHelp, parseConfig } from './config.ts';
import { ConfigWatch } from './config-watch.ts';
import { LogControl } from './logging/control.ts';
import { LevelSwitch } from './logging/levels.ts';
import { type LogFile, openLogFile } from './logging/log-file.ts';
import { createLogger } from './logging/logger.ts';
import { createOperator } from './operator.ts';

/** `berth release-guests FLAGS`: does that and ends. Else it runs. */
const RELEASE = 'release-guests';
const releases = process.argv[2] === RELEASE;

const readConfig = () => parseConfig(process.argv.slice(releases ? 3 : 2), process.env);

function configOrExit(): Config {
  if (process.argv.includes('--help')) {
    process.stdout.write(configHelp());
    process.exit(0);
  }
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

function kubeConfigFrom({ kubeconfig }: Config): KubeConfig {
  const kubeConfig = new KubeConfig();
  if (kubeconfig) kubeConfig.loadFromFile(kubeconfig);
  else kubeConfig.loadFromDefault();
  return kubeConfig;
}

function logFileFrom({ logFile: path, logFileSize, logFileDays, logFileKeep }: Config): LogFile | undefined {
  if (path === undefined) return undefined;
  const onError = ({ message }: Error) => process.stderr.write(`--log-file ${path}: ${message}\n`);
  return openLogFile({ path, sizeMiB: logFileSize, days: logFileDays, keep: logFileKeep, onError });
}

const config = configOrExit();
const levels = new LevelSwitch(config.logLevel);
const file = logFileFrom(config);
const logger = createLogger({ format: config.logFormat, levels, file });
const stop = stopSignal();

async function release(): Promise<void> {
  const client = createClient(kubeConfigFrom(config), { logger });
  const done = await releaseGuests(client, { logger });
  logger.info(done, 'the guests are KubeVirt’s alone');
  await client.close();
}

async function run(): Promise<void> {
  const operator = await createOperator(config, kubeConfigFrom(config), logger);
  operator.addRunnable(new LogControl(levels, config.logControl, logger), 'start');
  operator.addRunnable(new ConfigWatch({ config, read: readConfig, levels, logger }), 'start');
  logger.info({ identity: config.identity }, 'berth starts');
  await operator.start(stop);
}

try {
  await (releases ? release() : run());
} catch (error) {
  logger.error({ err: error }, 'berth ends');
  process.exitCode = 1;
}
await file?.end();
process.exit();
