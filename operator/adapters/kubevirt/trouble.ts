import type { Pod } from '#adapters/kubernetes/types.ts';
import type { Trouble } from '#core/lifecycle/guest-view.ts';
import type { DataVolume, VirtualMachineInstance } from './types.ts';

/** What keeps a guest from starting, if anything; the most telling of what is seen. */
export function troubleOf(
  vmi: VirtualMachineInstance | undefined,
  pods: readonly Pod[],
  dataVolume?: DataVolume | null,
): Trouble | undefined {
  return (
    first(pods, refused) ??
    unprovisioned(vmi, dataVolume) ??
    failedGuest(vmi) ??
    first(pods, unschedulable) ??
    first(pods, imagePull) ??
    notSynchronized(vmi)
  );
}

function first(pods: readonly Pod[], look: (pod: Pod) => Trouble | undefined): Trouble | undefined {
  for (const pod of pods) {
    const trouble = look(pod);
    if (trouble) return trouble;
  }
  return undefined;
}

/** The kubelet's own refusal leaves a pod Failed with a reason and no container status. */
function refused({ status }: Pod): Trouble | undefined {
  if (status?.phase !== 'Failed' || !status.reason) return undefined;
  return {
    kind: 'refused',
    message: `the kubelet refused the pod: ${status.reason}: ${status.message ?? ''}`,
  };
}

function unschedulable({ spec, status }: Pod): Trouble | undefined {
  if (spec.nodeName || spec.schedulingGates?.length) return undefined;
  const said = status?.conditions?.find(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable',
  );
  return said && { kind: 'unschedulable', message: `kube-scheduler refused the node: ${said.message ?? ''}` };
}

function imagePull({ status }: Pod): Trouble | undefined {
  for (const { name, state } of status?.containerStatuses ?? []) {
    const { reason = '', message = '' } = state?.waiting ?? {};
    if (/^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull)$/.test(reason)) {
      return { kind: 'imagePull', message: `${name} cannot pull its image: ${reason}: ${message}` };
    }
  }
  return undefined;
}

/**
 * KubeVirt 1.7 takes a VMI for failed when it sees the temporary pod of its root disk go, which it deleted itself, while a
 * hotplugged volume still waits for its first consumer (virt-controller's watch/vmi/lifecycle.go). Nothing is wrong then: the
 * root disk has its node, so that the next VMI needs no such pod.
 */
function unprovisioned(
  vmi: VirtualMachineInstance | undefined,
  dataVolume: DataVolume | null | undefined,
): Trouble | undefined {
  if (vmi?.status?.phase !== 'Failed' || dataVolume?.status?.phase === 'Failed') return undefined;
  const isProvisioning = vmi.status.conditions?.some(
    ({ type, status }) => type === 'Provisioning' && status === 'True',
  );
  return isProvisioning
    ? {
        kind: 'unprovisioned',
        message: 'KubeVirt gave the guest up while its disk got its node: it is started again',
      }
    : undefined;
}

function failedGuest(vmi: VirtualMachineInstance | undefined): Trouble | undefined {
  if (vmi?.status?.phase !== 'Failed') return undefined;
  const said = vmi.status.conditions?.find(({ status, message }) => status === 'False' && message);
  return {
    kind: 'failed',
    message: `the guest failed: ${vmi.status.reason ?? said?.message ?? 'see its VMI and pod'}`,
  };
}

/** virt-controller's own word on why it cannot go on, such as a quota. */
function notSynchronized(vmi: VirtualMachineInstance | undefined): Trouble | undefined {
  const said = vmi?.status?.conditions?.find(
    ({ type, status }) => type === 'Synchronized' && status === 'False',
  );
  return said?.message ? { kind: 'notSynchronized', message: `KubeVirt: ${said.message}` } : undefined;
}
