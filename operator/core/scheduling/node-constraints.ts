/** A Node's taint, as Kubernetes has it. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** A pod's toleration, as Kubernetes has it. */
export interface Toleration {
  readonly key?: string;
  /** Equal if absent. */
  readonly operator?: string;
  readonly value?: string;
  /** Every effect if absent. */
  readonly effect?: string;
}
