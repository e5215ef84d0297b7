import { expect, test } from 'vitest';
import type { Json } from '../args.ts';
import { host } from '../testing/hosts.ts';
import { asking, judge, preparedFor } from '../testing/judge.ts';
import { aggregateImagePropertiesIsolation as filter } from './aggregate-image-properties-isolation.ts';

const withImage = (properties: Record<string, Json>) => asking({ image: { id: 'image', properties } });
const inAggregate = (metadata: Record<string, string>) =>
  host('a', { aggregates: [{ name: 'aggregate', metadata }] });

test('a request without an image, or with one of no properties, goes anywhere', () => {
  expect(judge(filter, asking(), inAggregate({ os_distro: 'linux' }))).toBe('skip');
  expect(judge(filter, withImage({}), inAggregate({ os_distro: 'linux' }))).toBe('skip');
});

test.each([
  [{ os_distro: 'windows' }, {}, 'passes'],
  [{ os_distro: 'windows' }, { os_distro: 'windows' }, 'passes'],
  [{ os_distro: 'windows' }, { os_distro: 'linux' }, 'IsolatedFromImage'],
  [{ os_distro: 'windows' }, { os_distro: 'linux, windows' }, 'passes'],
  [
    { os_distro: 'windows', hw_cpu_cores: 8 },
    { os_distro: 'windows', hw_cpu_cores: '4' },
    'IsolatedFromImage',
  ],
  [{ hw_vif_multiqueue_enabled: true }, { hw_vif_multiqueue_enabled: 'True' }, 'passes'],
  [{ hw_vif_multiqueue_enabled: true }, { hw_vif_multiqueue_enabled: 'true' }, 'IsolatedFromImage'],
  [{ os_distro: 'windows' }, { my_custom: 'a' }, 'passes'],
])('an image of %o, an aggregate of %o: %s', (properties, metadata, answer) => {
  expect(judge(filter, withImage(properties), inAggregate(metadata))).toEqual([answer]);
});

test('a property that is false, 0 or empty is as good as none', () => {
  const metadata = { a: 'True', b: '1', c: 'x', d: 'x' };
  expect(judge(filter, withImage({ a: false, b: 0, c: '', d: [] }), inAggregate(metadata))).toBe('skip');
});

test('a namespace leaves all other keys alone', () => {
  const request = withImage({ hw_architecture: 'aarch64' });
  const namespaced = (separator?: string) => ({
    ...filter,
    defaults: {
      aggregateImagePropertiesIsolationNamespace: 'hw',
      aggregateImagePropertiesIsolationSeparator: separator ?? '.',
    },
  });
  expect(judge(namespaced(), request, inAggregate({ hw_architecture: 'x86_64' }))).toBe('skip');
  expect(judge(namespaced('_'), request, inAggregate({ hw_architecture: 'x86_64' }))).toEqual([
    'IsolatedFromImage',
  ]);
});

test('the detail is the property', () => {
  const isolated = inAggregate({ os_distro: 'linux' });
  expect(preparedFor(filter, withImage({ os_distro: 'windows' }), isolated).detail?.(0)).toBe('os_distro');
});
