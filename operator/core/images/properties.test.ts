import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readImageProperties } from './properties.ts';

const VECTORS = join(import.meta.dirname, '../../../test/vectors/nova');

/** Every image in what was recorded from Nova: as it was uploaded, and as Nova read it. */
function recorded(): [Record<string, string>, object][] {
  const found = new Map<string, [Record<string, string>, object]>();
  for (const name of ['filter-cases', 'weigher-cases', 'fleet-100']) {
    JSON.parse(readFileSync(join(VECTORS, `${name}.json`), 'utf8'), (_, value) => {
      if (value?.effective_properties && value.properties)
        found.set(JSON.stringify(value.properties), [value.properties, value.effective_properties]);
      return value;
    });
  }
  return [...found.values()];
}

test.each(recorded())('%j is read as Nova read it', (uploaded, effective) => {
  expect(readImageProperties(uploaded)).toEqual(effective);
});

/** What Nova 34's ImageMetaProps made of them. */
describe.each([
  [{ hw_vm_mode: 'HV' }, { hw_vm_mode: 'hvm' }],
  [{ img_hv_type: 'xapi' }, { img_hv_type: 'xen' }],
  [{ os_type: 'Linux' }, { os_type: 'linux' }],
  [{ os_distro: 'RHEL' }, { os_distro: 'RHEL' }],
  [{ hw_boot_menu: 'yes' }, { hw_boot_menu: true }],
  [{ hw_boot_menu: 'maybe' }, { hw_boot_menu: false }],
  [{ auto_disk_config: 'disabled' }, { hw_auto_disk_config: 'disabled' }],
  [{ architecture: 'x86_32' }, { hw_architecture: 'i686' }],
  [{ hw_disk_discard: 'unmap', my_own: '1' }, {}],
])('%j', (uploaded: Record<string, string>, effective) => {
  test('is read as Nova reads it', () => expect(readImageProperties(uploaded)).toEqual(effective));
});

test('a newer name goes before the older one of the same', () => {
  expect(readImageProperties({ architecture: 'aarch64', hw_architecture: 'x86_64' })).toEqual({
    hw_architecture: 'x86_64',
  });
});

test('names of every object are no properties', () => {
  expect(readImageProperties({ constructor: 'x', toString: 'y' })).toEqual({});
});
