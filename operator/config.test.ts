import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, parseConfig, queriesOf } from './config.ts';

describe('queries of Prometheus', () => {
  const queries = { load: 'max by (node) (x{a="b,c"})', 'cpu.heat': 'y == 1' };

  test('are repeated flags, NAME=PROMQL', () => {
    const flags = Object.entries(queries).flatMap(([name, query]) => [
      '--prometheus-query',
      `${name}=${query}`,
    ]);
    expect(Object.fromEntries(queriesOf(parseConfig(flags, {})))).toEqual(queries);
  });

  test('are lines in the environment', () => {
    const lines = Object.entries(queries).map(([name, query]) => `${name}=${query}`);
    const config = parseConfig([], { BERTH_PROMETHEUS_QUERY: lines.join('\n') });
    expect(Object.fromEntries(queriesOf(config))).toEqual(queries);
  });

  test.each([
    ['--prometheus-query', 'node_load5', /--prometheus-query: give NAME=PROMQL/],
    ['--prometheus-url', 'prometheus:9090', /--prometheus-url/],
    ['--prometheus-interval', '0', /--prometheus-interval/],
  ])('%s %s is refused', (flag, value, message) => {
    expect(() => parseConfig([flag, value], {})).toThrow(ConfigError);
    expect(() => parseConfig([flag, value], {})).toThrow(message);
  });
});

describe('who makes the webhook and its certificate', () => {
  test('is Berth itself, unless the chart did', () => {
    expect(parseConfig([], {}).admissionObjects).toBe('published');
    const flags = ['--admission-objects', 'installed', '--certificate-dir', '/certificates'];
    expect(parseConfig(flags, {})).toMatchObject({ certificateDir: '/certificates' });
  });

  test('a certificate of others does not go with webhooks that Berth publishes', () => {
    expect(() => parseConfig(['--certificate-dir', '/certificates'], {})).toThrow(
      /--certificate-dir: needs --admission-objects installed/,
    );
  });
});

describe('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-config-'));
  const path = join(folder, 'berth.yaml');
  afterAll(() => rmSync(folder, { recursive: true }));
  const parse = (text: string, args: string[] = [], env = {}) => {
    writeFileSync(path, text);
    return parseConfig(['--config', path, ...args], env);
  };

  test('sets by name; the environment goes before it, and a flag before that', () => {
    const text =
      'logLevel: debug\ncpuAllocationRatio: 8\nmaxAttempts: 5\ntaskDeadline: [Spawning=600, Deleting=900]\n';
    const config = parse(text, ['--max-attempts', '7'], {
      BERTH_MAX_ATTEMPTS: '6',
      BERTH_CPU_ALLOCATION_RATIO: '16',
    });
    expect(config).toMatchObject({
      logLevel: 'debug',
      cpuAllocationRatio: 16,
      maxAttempts: 7,
      taskDeadline: ['Spawning=600', 'Deleting=900'],
    });
    expect(parse('').logLevel).toBe('info');
  });

  test.each([
    ['logLevel: loud', /berth\.yaml: logLevel: .*"debug"/],
    ['loglevel: info', /berth\.yaml: loglevel: there is no such setting/],
    ['taskDeadline: [Sleeping=3]', /berth\.yaml: taskDeadline: give TASKSTATE=SECONDS/],
    ['taskDeadline: Spawning=3', /berth\.yaml: taskDeadline: .*array/],
    ['- logLevel', /berth\.yaml: must be a YAML mapping/],
    ['logLevel: [', /berth\.yaml: /],
  ])('%s is refused, and says where', (text, message) => {
    expect(() => parse(text)).toThrow(ConfigError);
    expect(() => parse(text)).toThrow(message);
  });

  test('that is not there is refused', () => {
    expect(() => parseConfig([], { BERTH_CONFIG: join(folder, 'none.yaml') })).toThrow(/none\.yaml: ENOENT/);
  });
});
