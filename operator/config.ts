import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadYaml } from '@kubernetes/client-node';
import type { z } from 'zod';
import type { DeviceAliases } from '#core/flavors/guest-features.ts';
import type { ImageSources } from '#core/images/allow-list.ts';
import { DEFAULT_DEADLINES, type TaskDeadlines } from '#core/lifecycle/operations.ts';
import {
  type Config,
  flagOf,
  REPEATED,
  SETTING_NAMES,
  type SettingName,
  separatorOf,
  settings,
  variableOf,
} from './settings.ts';

export type { Config } from './settings.ts';

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A value, and where it was given: what an error names. */
interface Given {
  value: unknown;
  origin: string;
}

type Origins = ReadonlyMap<string, Given>;

/**
 * Settings from flags, else the environment, else the file that `config` names.
 * @throws ConfigError that names each wrong setting, where it is given and what it should be.
 */
export function parseConfig(args: string[], env: Record<string, string | undefined>): Config {
  const direct = new Map([...fromEnvironment(env), ...fromFlags(args)]);
  const file = direct.get('config')?.value;
  const given = new Map([...(typeof file === 'string' ? fromFile(file) : []), ...direct]);
  const parsed = settings.safeParse(Object.fromEntries([...given].map(([name, { value }]) => [name, value])));
  if (parsed.success) return consistent(parsed.data);
  throw new ConfigError(parsed.error.issues.flatMap((issue) => problems(issue, given)).join('\n'));
}

function consistent(config: Config): Config {
  if (config.certificateDir !== undefined && config.admissionObjects === 'published')
    throw new ConfigError(
      '--certificate-dir: needs --admission-objects installed, since Berth does not know whom the API server should trust',
    );
  return config;
}

function problems(issue: z.core.$ZodIssue, given: Origins): string[] {
  const origin = (name: PropertyKey) => given.get(String(name))?.origin ?? String(name);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${origin(key)}: there is no such setting; --help lists them`);
  return [`${origin(issue.path[0] ?? '')}: ${issue.message}`];
}

function fromFlags(args: string[]): Origins {
  const options = Object.fromEntries(
    SETTING_NAMES.map((name) => [
      flagOf(name).slice(2),
      { type: 'string' as const, multiple: REPEATED.includes(name) },
    ]),
  );
  try {
    const { values } = parseArgs({ args, options, strict: true });
    return known((name) => ({ value: values[flagOf(name).slice(2)], origin: flagOf(name) }));
  } catch (cause) {
    throw new ConfigError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function fromEnvironment(env: Record<string, string | undefined>): Origins {
  return known((name) => {
    const origin = variableOf(name);
    const text = env[origin] || undefined;
    return { value: REPEATED.includes(name) ? text?.split(separatorOf(name)) : text, origin };
  });
}

const known = (look: (name: SettingName) => Given): Origins =>
  new Map(
    SETTING_NAMES.map((name) => [name, look(name)] as const).filter(([, { value }]) => value !== undefined),
  );

function fromFile(path: string): Origins {
  const content = contentOf(path);
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new ConfigError(`${path}: must be a YAML mapping of settings, such as logLevel: debug`);
  return new Map(
    Object.entries(content).map(([name, value]) => [name, { value, origin: `${path}: ${name}` }]),
  );
}

/** A file without content sets nothing. */
function contentOf(path: string): unknown {
  try {
    const text = readFileSync(path, 'utf8');
    return text.trim() === '' ? {} : loadYaml(text);
  } catch (cause) {
    throw new ConfigError(`${path}: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
}

/** A line for each setting, for --help. */
export function configHelp(): string {
  const lines = SETTING_NAMES.map(
    (name) => `  ${flagOf(name).padEnd(28)}${settings.shape[name].description ?? ''}`,
  );
  return `berth: runs virtual machines on Kubernetes\n\n${lines.join('\n')}\n`;
}

export function aliasesOf({ deviceAlias }: Config): DeviceAliases {
  return new Map(deviceAlias.map((text) => text.split('=') as [string, string]));
}

/** PromQL by the metric's name. */
export function queriesOf({ prometheusQuery }: Config): ReadonlyMap<string, string> {
  return new Map(
    prometheusQuery.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );
}

export const imageSourcesOf = ({ imageSource: given }: Config): ImageSources =>
  given.length > 0 ? given : undefined;

export function deadlinesOf({ taskDeadline }: Config): TaskDeadlines {
  const set = taskDeadline
    .map((text) => text.split('='))
    .map(([task, seconds]) => [task, Number(seconds) * 1000]);
  return { ...DEFAULT_DEADLINES, ...Object.fromEntries(set) };
}
