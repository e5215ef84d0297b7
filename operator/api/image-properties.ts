import { textMap } from './common.ts';
import { withRules } from './schema.ts';

/** Nova's image properties that are true or false. */
export const BOOLEAN_PROPERTIES = [
  'hw_boot_menu',
  'hw_ephemeral_encryption',
  'hw_firmware_stateless',
  'hw_ipxe_boot',
  'hw_locked_memory',
  'hw_mem_encryption',
  'hw_pmu',
  'hw_qemu_guest_agent',
  'hw_time_hpet',
  'hw_vif_multiqueue_enabled',
  'hw_virtio_packed_ring',
  'img_bittorrent',
  'img_cache_in_nova',
  'img_hide_hypervisor_id',
  'img_linked_clone',
  'img_use_agent',
  'os_require_quiesce',
  'os_skip_agent_inject_files_at_boot',
  'os_skip_agent_inject_ssh',
] as const;

/** Nova's image properties that are whole numbers. */
export const INTEGER_PROPERTIES = [
  'hw_cpu_cores',
  'hw_cpu_max_cores',
  'hw_cpu_max_sockets',
  'hw_cpu_max_threads',
  'hw_cpu_sockets',
  'hw_cpu_threads',
  'hw_device_id',
  'hw_maxphysaddr_bits',
  'hw_numa_nodes',
  'hw_redirected_usb_ports',
  'hw_serial_port_count',
  'hw_video_ram',
  'img_compression_level',
  'img_version',
] as const;

/** What KubeVirt runs, in Nova's spelling, with what Nova takes for the same. */
export const ARCHITECTURES = ['x86_64', 'amd64', 'aarch64', 's390x'] as const;

const oneOf = (key: string, values: readonly string[], message: string) => ({
  rule: `!('${key}' in self) || self['${key}'] in [${values.map((value) => `'${value}'`).join(', ')}]`,
  message,
  check: (map: Readonly<Record<string, string>>) =>
    !Object.hasOwn(map, key) || values.includes(map[key] ?? ''),
});

const whole = /^[0-9]{1,9}$/;

/** Nova's properties of an image. Names that Nova does not know are kept, and mean nothing to the scheduler. */
export const imageProperties = withRules(
  textMap,
  oneOf(
    'hw_architecture',
    ARCHITECTURES,
    `hw_architecture must be one that KubeVirt runs: ${ARCHITECTURES.join(', ')}`,
  ),
  oneOf('img_hv_type', ['qemu', 'kvm'], 'img_hv_type must be qemu or kvm: KubeVirt runs nothing else'),
  oneOf('hw_vm_mode', ['hvm'], 'hw_vm_mode must be hvm: KubeVirt runs nothing else'),
  {
    rule: `[${INTEGER_PROPERTIES.map((key) => `'${key}'`).join(', ')}].all(key, !(key in self) || self[key].matches('${whole.source}'))`,
    message: `must be whole numbers: ${INTEGER_PROPERTIES.join(', ')}`,
    check: (map) => INTEGER_PROPERTIES.every((key) => !Object.hasOwn(map, key) || whole.test(map[key] ?? '')),
  },
);
