import type { KubeVirt } from '#adapters/kubevirt/passthrough.ts';
import { type Component, judgeVersion, type VersionVerdict } from '#core/versions.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Store } from '#runtime/store.ts';

/** Says once of each version what is known of it. @throws where Kubernetes is too old for the door to hold. */
export async function checkVersions(
  client: KubeClient,
  kubeVirts: Store<KubeVirt>,
  parent: Logger,
): Promise<void> {
  const log = parent.child({ module: 'versions' });
  const { gitVersion } = await client.request<{ gitVersion: string }>('GET', '/version');
  const verdict = tell(log, 'Kubernetes', gitVersion);
  if (verdict.kind === 'tooOld') throw new Error(verdict.message);
  kubeVirts.onChange(({ object, old }) => {
    const version = object.status?.observedKubeVirtVersion;
    if (version !== undefined && version !== old?.status?.observedKubeVirtVersion)
      tell(log, 'KubeVirt', version);
  });
}

function tell(log: Logger, component: Component, version: string): VersionVerdict {
  const verdict = judgeVersion(component, version);
  if (verdict.kind === 'tested') log.info({ component, version }, 'a version that Berth is tested with');
  else log.warn({ component, version }, verdict.message);
  return verdict;
}
