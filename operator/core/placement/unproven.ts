import { OUT_OF_SERVICE } from './fence.ts';

/** A pod that may still run a guest, on a node that says nothing of it. */
export interface Unproven {
  podName: string;
  nodeName: string;
  /** Is there a Node object, on which a taint can be put? */
  nodeExists: boolean;
}

/** What is waited for, and what an operator can do about it, in words. */
export function unprovenText(all: readonly Unproven[]): string {
  const pods = all.map(({ podName, nodeName }) => `${podName} on ${nodeName}`).join(', ');
  const nodes = new Map(all.map(({ nodeName, nodeExists }) => [nodeName, nodeExists]));
  const remedies = [...nodes].map(([name, exists]) => remedy(name, exists)).join('; ');
  return `proof that the guest is off in ${pods}: the kubelet there does not report. ${remedies}`;
}

function remedy(nodeName: string, nodeExists: boolean): string {
  const attest = `kubectl patch computenode ${nodeName} --type merge -p '{"spec":{"fenced":{"reason":"WHY"}}}'`;
  const taint = nodeExists
    ? `kubectl taint node ${nodeName} ${OUT_OF_SERVICE}=nodeshutdown:NoExecute, or `
    : '';
  return `An operator who knows that ${nodeName} is off: ${taint}${attest}`;
}
