import { expect, test } from 'vitest';
import { type KubeVirt, notPassedThrough, passthroughOf, slimKubeVirt } from './passthrough.ts';

const pci = { pciVendorSelector: '10DE:1DB6', resourceName: 'nvidia.com/GV100' };
const mediated = { mdevNameSelector: 'GRID T4-1Q', resourceName: 'nvidia.com/T4' };
const usb = { resourceName: 'example.com/key' };

function kubeVirt(...featureGates: string[]): KubeVirt {
  const permittedHostDevices = { pciHostDevices: [pci], mediatedDevices: [mediated], usb: [usb] };
  const configuration = { permittedHostDevices, developerConfiguration: { featureGates } };
  return { metadata: { name: 'kubevirt' }, spec: { configuration } } as unknown as KubeVirt;
}

test('mediated devices are GPUs, others host devices', () => {
  expect(Object.fromEntries(passthroughOf([kubeVirt('HostDevices')]))).toEqual({
    'nvidia.com/GV100': 'hostDevices',
    'nvidia.com/T4': 'gpus',
    'example.com/key': 'hostDevices',
  });
});

test('host devices need KubeVirt’s feature gate, and nothing is passed through unless it is permitted', () => {
  expect([...passthroughOf([kubeVirt('Snapshot')]).keys()]).toEqual(['nvidia.com/T4']);
  expect(passthroughOf([{ metadata: { name: 'kubevirt' } } as KubeVirt]).size).toBe(0);
});

test('what the cache keeps says the same', () => {
  const slim = slimKubeVirt(kubeVirt('HostDevices'));
  expect(passthroughOf([slim])).toEqual(passthroughOf([kubeVirt('HostDevices')]));
});

test('a device that is not passed through is named, with what to do', () => {
  const passthrough = passthroughOf([kubeVirt()]);
  expect(notPassedThrough({ 'nvidia.com/T4': 1 }, passthrough)).toBeUndefined();
  expect(notPassedThrough(undefined, passthrough)).toBeUndefined();
  expect(notPassedThrough({ 'nvidia.com/GV100': 1 }, passthrough)).toMatch(
    /no nvidia.com\/GV100 through.*permittedHostDevices/,
  );
});
