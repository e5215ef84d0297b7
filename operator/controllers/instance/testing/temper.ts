/** How the guest of the model behaves, until somebody says otherwise. */
export interface Temper {
  /** Does not answer to a soft reboot, or to a request to shut down. */
  deaf: boolean;
  /** The launcher does not answer to subresources. */
  stuck: boolean;
  /** The node refuses so many pods. */
  refusals: number;
  /** What becomes of live migrations; `racing` ones arrive although they are given up. */
  migrations: 'arrive' | 'fail' | 'stall' | 'racing';
  /** What becomes of root disks and Images that are being filled. */
  imports: 'succeed' | 'stall';
  /** What becomes of volumes in the template of a guest that runs. */
  volumes: 'plug' | 'stall';
  /** What becomes of interfaces in the template of a guest that runs. */
  networks: 'plug' | 'stall';
  /** Whether several nodes reach its disks at a time, or one: all but a claim of the user's. */
  root: 'shared' | 'alone';
  /** What becomes of other claims of disks in the template of a guest that runs; `half`: KubeVirt stops between two writes where it can. */
  copies: 'take' | 'stall' | 'half';
  /** Whether KubeVirt's workload updater begins migrations by itself. */
  updater: 'off' | 'on';
  /** Whether a larger size in the template is asked of a guest that runs. */
  growth: 'plug' | 'stall';
}

/** It does all that it is asked. */
export const GOOD: Temper = {
  deaf: false,
  stuck: false,
  refusals: 0,
  migrations: 'arrive',
  imports: 'succeed',
  volumes: 'plug',
  networks: 'plug',
  root: 'shared',
  copies: 'take',
  updater: 'off',
  growth: 'plug',
};
