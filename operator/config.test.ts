import { describe, expect, test } from 'vitest';
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
