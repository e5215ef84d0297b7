import { BOOLEAN_PROPERTIES, INTEGER_PROPERTIES } from '#api/image-properties.ts';
import type { Json } from '../scheduling/args.ts';

type Properties = Readonly<Record<string, Json>>;

/** Names that Nova's images had before, and those that took their place. */
const LEGACY_NAMES: Readonly<Record<string, string>> = {
  architecture: 'hw_architecture',
  auto_disk_config: 'hw_auto_disk_config',
  bittorrent: 'img_bittorrent',
  cache_in_nova: 'img_cache_in_nova',
  hypervisor_type: 'img_hv_type',
  hypervisor_version_requires: 'img_hv_requested_version',
  ipxe_boot: 'hw_ipxe_boot',
  owner_id: 'img_owner_id',
  root_device_name: 'img_root_device_name',
  vm_mode: 'hw_vm_mode',
  vmware_disktype: 'hw_disk_type',
  vmware_image_version: 'img_version',
  vmware_linked_clone: 'img_linked_clone',
  vmware_ostype: 'os_distro',
  xenapi_device_id: 'hw_device_id',
  xenapi_image_compression_level: 'img_compression_level',
  xenapi_skip_agent_inject_files_at_boot: 'os_skip_agent_inject_files_at_boot',
  xenapi_skip_agent_inject_ssh: 'os_skip_agent_inject_ssh',
  xenapi_use_agent: 'img_use_agent',
};

const TEXTS = [
  'hw_auto_disk_config',
  'hw_cdrom_bus',
  'hw_cpu_policy',
  'hw_cpu_realtime_mask',
  'hw_cpu_thread_policy',
  'hw_disk_bus',
  'hw_disk_type',
  'hw_ephemeral_encryption_format',
  'hw_ephemeral_encryption_secret_uuid',
  'hw_firmware_type',
  'hw_floppy_bus',
  'hw_input_bus',
  'hw_machine_type',
  'hw_maxphysaddr_mode',
  'hw_mem_encryption_model',
  'hw_mem_page_size',
  'hw_pci_numa_affinity_policy',
  'hw_pointer_model',
  'hw_rescue_bus',
  'hw_rescue_device',
  'hw_rng_model',
  'hw_scsi_model',
  'hw_sound_model',
  'hw_tpm_model',
  'hw_tpm_version',
  'hw_usb_model',
  'hw_video_model',
  'hw_vif_model',
  'hw_viommu_model',
  'hw_watchdog_action',
  'img_config_drive',
  'img_hv_requested_version',
  'img_owner_id',
  'img_root_device_name',
  'img_signature',
  'img_signature_certificate_uuid',
  'img_signature_hash_method',
  'img_signature_key_type',
  'os_admin_user',
  'os_command_line',
  'os_distro',
  'os_secure_boot',
] as const;

const TRUE = ['1', 't', 'true', 'on', 'y', 'yes'];
const I686 = ['i386', 'i486', 'i586', 'x86_32', 'x86_32p'];

const ARCHITECTURE_NAMES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  ...Object.fromEntries(I686.map((name) => [name, 'i686'])),
};
const HYPERVISOR_NAMES: Readonly<Record<string, string>> = { xapi: 'xen' };
const MODE_NAMES: Readonly<Record<string, string>> = { hv: 'hvm', pv: 'xen' };

type Reader = (text: string) => Json | undefined;

const canonical =
  (names: Readonly<Record<string, string>> = {}): Reader =>
  (text) =>
    names[text.toLowerCase()] ?? text.toLowerCase();
const each = (names: readonly string[], reader: Reader) => names.map((name) => [name, reader] as const);

const READERS: ReadonlyMap<string, Reader> = new Map([
  ...each(BOOLEAN_PROPERTIES, (text) => TRUE.includes(text.trim().toLowerCase())),
  ...each(INTEGER_PROPERTIES, (text) => (/^[0-9]+$/.test(text) ? Number(text) : undefined)),
  ...each(TEXTS, (text) => text),
  ['hw_architecture', canonical(ARCHITECTURE_NAMES)],
  ['hw_emulation_architecture', canonical(ARCHITECTURE_NAMES)],
  ['hw_vm_mode', canonical(MODE_NAMES)],
  ['img_hv_type', canonical(HYPERVISOR_NAMES)],
  ['os_type', canonical()],
]);

/**
 * An image's properties as Nova reads them (ImageMetaProps): older names replaced, texts made booleans and numbers where
 * the property is one, other spellings made one. What Nova does not know is left out, and so are lists (NUMA cells,
 * traits, mappings), which nothing here asks for.
 */
export function readImageProperties(uploaded: Readonly<Record<string, string>>): Properties {
  const isLegacy = (name: string) => Object.hasOwn(LEGACY_NAMES, name);
  const names = Object.keys(uploaded).sort();
  const inOrder = [...names.filter(isLegacy), ...names.filter((name) => !isLegacy(name))];
  const read = inOrder.flatMap((given) => {
    const name = isLegacy(given) ? (LEGACY_NAMES[given] as string) : given;
    const value = READERS.get(name)?.(uploaded[given] ?? '');
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(read);
}
