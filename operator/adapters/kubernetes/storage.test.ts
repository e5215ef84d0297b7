import { expect, test } from 'vitest';
import { defaultClass, type StorageClass, slimStorageClass } from './storage.ts';

const storageClass = (name: string, year: number, annotation?: string) =>
  ({
    metadata: {
      name,
      creationTimestamp: `${year}-01-01T00:00:00Z`,
      annotations: { other: 'x', ...(annotation && { [annotation]: 'true' }) },
    },
  }) as unknown as StorageClass;

const KUBERNETES = 'storageclass.kubernetes.io/is-default-class';
const CDI = 'storageclass.kubevirt.io/is-default-virt-class';

test('the default class is the newest that is marked, that for virtual machines before others', () => {
  const classes = [
    storageClass('old', 2024, KUBERNETES),
    storageClass('new', 2026, KUBERNETES),
    storageClass('plain', 2027),
  ];
  expect(defaultClass(classes)?.metadata.name).toBe('new');
  expect(defaultClass([...classes, storageClass('vms', 2020, CDI)])?.metadata.name).toBe('vms');
  expect(defaultClass([storageClass('plain', 2027)])).toBeUndefined();
});

test('the cache keeps the marks, and nothing else of the annotations', () => {
  const { metadata } = slimStorageClass(storageClass('a', 2026, KUBERNETES));
  expect(metadata.annotations).toEqual({ [KUBERNETES]: 'true' });
});
