import type { Size, SizeView } from './size-view.ts';

/** What is seen of a guest, whatever runs it: the input of every lifecycle decision. */
export interface GuestView {
  /** The VM object: absent, or what it is told to do; `asked` is what an operation last asked of it, `rescue` that it boots from a rescue image. */
  vm:
    | {
        runs: boolean;
        deleting: boolean;
        asked?: 'Running' | 'Stopped';
        rescue?: boolean;
        /** What its template says. */
        size?: Size;
        /** The claims of its disks, by name. */
        claims?: Readonly<Record<string, string>>;
        /** Where KubeVirt was to copy disks to, as its VM remembers it; `isOpen`: it had not done so when it last saw the guest. */
        copy?: { to: Readonly<Record<string, string>>; isOpen: boolean };
        /** Why KubeVirt carries nothing over to the guest before it is stopped and started. */
        restartRequired?: string;
      }
    | undefined;
  /** `starting` covers all before the guest runs; `unknown` is a node that no longer reports. */
  power: 'absent' | 'starting' | 'running' | 'paused' | 'succeeded' | 'failed' | 'stopping' | 'unknown';
  /** Why the guest failed or does not start, in KubeVirt's or the kubelet's words. */
  trouble: Trouble | undefined;
  /** Node that the guest runs on. */
  nodeName: string | undefined;
  /** The guest itself is being moved, and is on both nodes. */
  migrating: boolean;
  /** Live migrations of the guest, whoever asked for them; also those that ended, as long as KubeVirt keeps them. */
  moves: readonly MoveView[];
  /** Of a guest that no node has any more: its live migrations that succeeded, as long as they are seen. */
  arrivals?: readonly Pick<MoveView, 'requestId' | 'targetNode'>[] | undefined;
  /** KubeVirt's word on whether it can be moved while it runs; undefined while it has none. */
  liveMigratable: { possible: boolean; reason: string; message: string } | undefined;
  /** Where nothing but disks that are not shared keeps it from that: names of those volumes. */
  tiedBy?: readonly string[] | undefined;
  /** Its disks that are volumes. */
  disks?: DisksView | undefined;
  /** Since when the guest agent answers; undefined while none does. */
  agentSince: Date | undefined;
  /** How large it is; absent: nobody says. */
  size?: SizeView | undefined;
  addresses: { interface: string; ip?: string; mac?: string }[];
  /** Root volume: absent for an ephemeral root. `detail` is the importer's phase and progress. */
  disk:
    | {
        exists: boolean;
        ready: boolean;
        detail: string;
        /** The request that it was made for. */
        requestId?: string | undefined;
        /** Since when it is full. */
        readySince?: Date;
        /** It is filled when a guest first needs it. */
        awaitsConsumer?: boolean;
      }
    | undefined;
  /** Launcher pods that are not over. */
  pods: readonly string[];
}

/** Claims by the names of disks: those that the guest has, or shall have; and of those that KubeVirt is to copy, where to. */
export interface DisksView {
  claims: Readonly<Record<string, string>>;
  copiedTo: Readonly<Record<string, string>>;
  /** KubeVirt is about to copy them with the next migration. */
  isTakenUp: boolean;
  /** Since when it says so although it names no new claim, which it does not get out of by itself; or it has taken back that alone. */
  halfSince?: Date;
}

/** A live migration of the guest. */
export interface MoveView {
  name: string;
  uid: string;
  /** Of the request that it was made for; of one that Berth was not asked for, its uid's. */
  requestId: string;
  /** Who asked, where it was not Berth and KubeVirt says so. */
  origin: string | undefined;
  /** KubeVirt's migration phase. */
  phase: string;
  isDeleting: boolean;
  end: 'succeeded' | 'failed' | undefined;
  targetNode: string | undefined;
  /** Why Berth found no place for it. */
  refusal: string | undefined;
  /** KubeVirt's reason. */
  failure: string | undefined;
}

/** Something that stands in the way of a start. */
export interface Trouble {
  kind: 'unschedulable' | 'refused' | 'failed' | 'imagePull' | 'notSynchronized' | 'unprovisioned';
  message: string;
}

/** Troubles that another node may not have: worth another attempt there. */
export function worthAnotherNode(trouble: Trouble | undefined): trouble is Trouble {
  return trouble !== undefined && ['unschedulable', 'refused', 'failed'].includes(trouble.kind);
}

/** It ended before there was a pod, for no fault of its own or the node's: it is started again. */
export const isUnprovisioned = ({ power, trouble }: GuestView): boolean =>
  power === 'failed' && trouble?.kind === 'unprovisioned';

export const isOver = (power: GuestView['power']): boolean =>
  power === 'absent' || power === 'succeeded' || power === 'failed';
