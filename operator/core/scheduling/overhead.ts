const MIB = 1024 * 1024;
/** The launcher's processes: virt-launcher-monitor 25, virt-launcher 100, virtlogd 25, virtqemud 40, QEMU 30. */
const PROCESSES_MIB = 25 + 100 + 25 + 40 + 30;
const PER_VCPU_MIB = 8;
const IO_THREAD_MIB = 8;
const VIDEO_MIB = 32;
/** Devices are reached through memory that is set aside: VFIO. */
const PASSTHROUGH_MIB = 1024;
const DEDICATED_CPUS_MIB = 100;

export interface OverheadOf {
  /** KubeVirt's setting additionalGuestMemoryOverheadRatio. */
  readonly ratio?: number;
  readonly dedicatedCpus?: boolean;
  /** Has devices of the host. */
  readonly passthrough?: boolean;
}

/**
 * The memory that KubeVirt adds to a launcher pod beside the guest's, in MiB rounded up, for an amd64 guest with a
 * graphics device and without SEV, TPM, downward metrics or exec probes:
 * page tables (1/512 of the memory request), its processes, 8 MiB a vcpu, 8 MiB for I/O threads, 32 MiB of video; 1 GiB for
 * passing devices through, 100 MiB with dedicated CPUs.
 *
 * Source: KubeVirt v1.7.0, GetMemoryOverhead in pkg/virt-controller/services/renderresources.go, whose memory is the
 * VMI's memory *request* in kilobytes rounded up, and the sizes in template.go beside it.
 */
export function memoryOverheadMiB(
  memoryRequestMiB: number,
  vcpus: number,
  { ratio = 1, dedicatedCpus = false, passthrough = false }: OverheadOf = {},
): number {
  const pageTables = Math.floor((Math.ceil((memoryRequestMiB * MIB) / 1000) * 1000) / 512);
  const special = (passthrough ? PASSTHROUGH_MIB : 0) + (dedicatedCpus ? DEDICATED_CPUS_MIB : 0);
  const fixed = PROCESSES_MIB + IO_THREAD_MIB + VIDEO_MIB + PER_VCPU_MIB * Math.max(1, vcpus) + special;
  const bytes = pageTables + fixed * MIB;
  const added = Math.trunc(Math.ceil(bytes / 1000) * (ratio - 1)) * 1000;
  return Math.ceil((bytes + added) / MIB);
}

const CONSOLE_LOG_MIB = { requested: 34, limit: 58 };
const CONTAINER_DISK_MIB = { requested: 1, limit: 39 };

/**
 * What the launcher pod's other containers ask for, in MiB rounded up: guest-console-log 35 MB, and 1 MB for the one that
 * serves a containerDisk; of a guest with dedicated CPUs as much as their limits are, 60 MB and 40 MB (KubeVirt v1.7.0,
 * generateSerialConsoleLogContainer, and pkg/container-disk).
 */
export function sidecarsMiB({
  ephemeral,
  dedicatedCpus = false,
}: {
  ephemeral: boolean;
  dedicatedCpus?: boolean;
}): number {
  const asked = dedicatedCpus ? 'limit' : 'requested';
  return CONSOLE_LOG_MIB[asked] + (ephemeral ? CONTAINER_DISK_MIB[asked] : 0);
}
