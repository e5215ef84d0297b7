import { expect, test } from 'vitest';
import { cpuInfo, kubernetesArchitecture, supportedInstances } from './hypervisor-facts.ts';

test('cpu_info is what virt-handler labels its node with', () => {
  const labels = {
    'cpu-feature.node.kubevirt.io/avx2': 'true',
    'cpu-feature.node.kubevirt.io/aes': 'true',
    'cpu-feature.node.kubevirt.io/svm': 'false',
    'host-model-required-features.node.kubevirt.io/ssbd': 'true',
    'host-model-cpu.node.kubevirt.io/Skylake-Server-IBRS': 'true',
    'cpu-model.node.kubevirt.io/Haswell': 'true',
    'cpu-vendor.node.kubevirt.io/Intel': 'true',
  };
  expect(cpuInfo('amd64', labels)).toEqual({
    arch: 'x86_64',
    model: 'Skylake-Server-IBRS',
    vendor: 'Intel',
    features: ['aes', 'avx2', 'ssbd'],
  });
  expect(cpuInfo('s390x', {})).toEqual({ arch: 's390x', features: [] });
});

test('guests run under KVM where the node has it', () => {
  expect(supportedInstances('arm64', true)).toEqual([
    ['aarch64', 'qemu', 'hvm'],
    ['aarch64', 'kvm', 'hvm'],
  ]);
  expect(supportedInstances('amd64', false)).toEqual([['x86_64', 'qemu', 'hvm']]);
});

test.each([
  ['aarch64', 'arm64'],
  ['x86_64', 'amd64'],
  ['s390x', 's390x'],
])("Nova's %s is Kubernetes' %s", (nova, kubernetes) => {
  expect(kubernetesArchitecture(nova)).toBe(kubernetes);
});
