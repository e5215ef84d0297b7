import { INSTANCE_LABEL } from '#api/constants.ts';
import type { Instance, InstanceStatus } from '#api/instance.ts';
import type { GuestView } from './guest-view.ts';

/** KubeVirt's subresources of a VMI (virt-api, pkg/virt-api/api.go), at the version that virtctl uses. */
const SUBRESOURCES = '/apis/subresources.kubevirt.io/v1';
/** The container of a launcher pod that prints the serial console (KubeVirt, unless disableSerialConsoleLog is set). */
const LOG_CONTAINER = 'guest-console-log';

/** Where the consoles of a guest are; undefined while it is off. */
export function consolesOf({ metadata }: Instance, { power }: GuestView): InstanceStatus['consoles'] {
  if (power !== 'running' && power !== 'paused') return undefined;
  const { name, namespace = 'default' } = metadata;
  const way = (subresource: 'console' | 'vnc') => ({
    command: `virtctl ${subresource} ${name} --namespace ${namespace}`,
    path: `${SUBRESOURCES}/namespaces/${namespace}/virtualmachineinstances/${name}/${subresource}`,
  });
  const pods = `--namespace ${namespace} --selector ${INSTANCE_LABEL}=${name}`;
  return {
    log: { command: `kubectl logs ${pods} --container ${LOG_CONTAINER} --tail -1` },
    serial: way('console'),
    vnc: way('vnc'),
  };
}
