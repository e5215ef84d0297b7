import type { ConditionDefinition } from './kind.ts';

/** The conditions of an Instance. Ready, Reconciling and Stalled mean what kstatus says. */
export const INSTANCE_CONDITIONS: ConditionDefinition[] = [
  {
    type: 'Ready',
    description: 'The Instance is what its spec asks for.',
    reasons: {
      Active: 'The guest runs, as spec.powerState asks.',
      Stopped: 'The guest is stopped, as spec.powerState asks.',
      Paused: 'The guest is paused, as spec.powerState asks.',
      PoweredOffByGuest:
        'The guest powered itself off and is left so. Set spec.powerState to Stopped, then to Running, to start it.',
      InProgress: 'An operation is in flight: see status.operation.',
      NoValidHost: 'No node can take it: see the condition Scheduled.',
      Deleting: 'It is being deleted.',
      Failed: 'The last operation failed: see status.fault.',
    },
  },
  {
    type: 'Scheduled',
    description: 'A node was chosen and a place on it is claimed.',
    reasons: {
      Placed: 'A place is claimed on status.nodeName.',
      Pending: 'No decision was made yet.',
      NoValidHost:
        'Every node was turned away: the message counts them by filter and names the nearest miss. Tried again when a node, a claim or the Instance changes.',
      AttemptsExhausted:
        'As many nodes as are tried for one request refused it in the end: status.placement.excluded says why.',
      FlavorNotFound: 'spec.flavorRef names no Flavor. Create it, or recreate the Instance with another.',
    },
  },
  {
    type: 'Reconciling',
    description: 'Berth is at work on it.',
    reasons: {
      InProgress: 'An operation is in flight: the message says what is waited for.',
      Settled: 'There is nothing to do.',
    },
  },
  {
    type: 'Stalled',
    description: 'It does not get on by itself; something has to change.',
    reasons: {
      NoValidHost: 'No node can take it: free or add one, or ask for less.',
      FlavorNotFound: 'spec.flavorRef names no Flavor.',
      KeyPairNotFound: 'spec.keyPairRef names no KeyPair of the namespace.',
      DeadlineExceeded: 'A step took longer than it may: status.fault says what was waited for.',
      Failed: 'An operation failed: status.fault says why.',
      Progressing: 'It gets on.',
    },
  },
];
