/** Metrics of the nodes that come from outside of Kubernetes: Nova's monitors. */
export interface HostMetrics {
  /** By name; the same object for as long as nothing changed. Undefined: none are known. */
  of(nodeName: string): Readonly<Record<string, number>> | undefined;
  /** Hears of nodes of which something changed. */
  onChange(listener: (nodeNames: readonly string[]) => void): void;
}

/** For an operator that is given no source of them. */
export const NO_METRICS: HostMetrics = { of: () => undefined, onChange: () => {} };
