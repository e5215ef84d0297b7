import { z } from 'zod';
import {
  flagOf,
  REPEATED,
  SETTING_NAMES,
  type SettingName,
  settings,
  variableOf,
} from '../../operator/settings.ts';
import { page, table } from './reference.ts';

/** Depends on the machine. */
const WITHOUT_DEFAULT: readonly SettingName[] = ['identity'];

/** Every setting of the operator, from its schema. */
export function configurationPage(): string {
  const { properties = {} } = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' });
  return page([
    '# Configuration',
    'A setting is given as a flag, else as an environment variable, else in the YAML file that `--config` names, by its name there. What is wrong is refused at the start, all of it at once, with the place where it is given and what it should be; the exit code is 2.',
    '```yaml\nlogLevel: info\ncpuAllocationRatio: 8\ntaskDeadline: [Spawning=900, Deleting=600]\n```',
    table(
      ['Name', 'Flag', 'Variable', 'Default', 'What it is'],
      SETTING_NAMES.map((name) => {
        const property = properties[name];
        const standard = typeof property === 'object' ? property.default : undefined;
        return [
          `\`${name}\``,
          `\`${flagOf(name)}\`${REPEATED.includes(name) ? ' *' : ''}`,
          `\`${variableOf(name)}\``,
          standard === undefined || WITHOUT_DEFAULT.includes(name) ? '' : `\`${JSON.stringify(standard)}\``,
          settings.shape[name].description ?? '',
        ];
      }),
    ),
    '\\* Several values: the flag repeated; in the environment with commas (`prometheusQuery`: line breaks) between them; in the file as a list.',
    'While it runs, a change of `logLevel` in the file counts at once. `--log-control` and SIGUSR2 set levels by module ([how](../recipes/chase-a-stuck-instance.md)); [SchedulerProfiles](../scheduler-profiles.md), ratios and reserved amounts of ComputeNodes and HostAggregates count from the next decision on. Another setting that changes in the file is told in the log, and counts when the operator is started anew.',
  ]);
}
