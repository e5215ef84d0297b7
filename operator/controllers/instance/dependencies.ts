import type { ImageSources } from '#core/images/allow-list.ts';
import type { TaskDeadlines } from '#core/lifecycle/operations.ts';
import type { Requests } from '#core/placement/request.ts';
import type { Hypervisor } from '#ports/hypervisor.ts';
import type { ImageMaker } from '#ports/image-maker.ts';
import type { Ledgers } from '#ports/ledgers.ts';
import type { Profiles } from '#ports/profiles.ts';
import type { Scheduler } from '#ports/scheduler.ts';
import type { Telemetry } from '#ports/telemetry.ts';
import type { Tracer } from '#ports/tracer.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { Key } from '#runtime/resource.ts';
import type { Caches } from '../caches.ts';
import type { Flavors } from '../flavors.ts';
import type { RebuildJudge } from '../request/rebuild-judge.ts';
import type { Surge } from '../surge.ts';
import type { InstanceEvents } from './events.ts';
import type { Progress } from './progress.ts';

export interface InstanceDependencies {
  client: KubeClient;
  caches: Caches;
  ledgers: Ledgers;
  scheduler: Scheduler;
  requests: Requests;
  flavors: Flavors;
  profiles: Profiles;
  hypervisor: Hypervisor;
  images: ImageMaker;
  events: InstanceEvents;
  progress: Progress;
  /** Instances that found no valid host; woken when room may have come free. */
  waiting: Set<Key>;
  telemetry: Telemetry;
  tracer: Tracer;
  /** Building waits for its end. */
  surge: Surge;
  deadlines: TaskDeadlines;
  /** Where images may be taken from. */
  allowedImages: ImageSources;
  /** Could it stay where it is with another image? */
  judgeRebuild: RebuildJudge;
  /** How long a resize waits to be confirmed before it is by itself; 0: for ever. */
  confirmWindowMs: number;
  now(): Date;
}
