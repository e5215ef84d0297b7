import { kubernetesImages } from '#adapters/kubernetes/images.ts';
import { kubernetesLedgers } from '#adapters/kubernetes/ledgers.ts';
import { kubernetesReservations } from '#adapters/kubernetes/reservations.ts';
import { slimVolumeClaim } from '#adapters/kubernetes/storage.ts';
import { kubevirtHypervisor } from '#adapters/kubevirt/hypervisor.ts';
import { PrometheusMetrics } from '#adapters/prometheus/metrics-feed.ts';
import type { PrometheusTelemetry } from '#adapters/prometheus/telemetry.ts';
import { type Caches, instanceByUid } from '#controllers/caches.ts';
import { driftOn } from '#controllers/claims/evidence.ts';
import { claimsReconciler } from '#controllers/claims/reconciler.ts';
import { computeNodeReconciler } from '#controllers/computenode/reconciler.ts';
import { fenceReconciler } from '#controllers/fence/reconciler.ts';
import { FlavorFigures } from '#controllers/flavor/figures.ts';
import { flavorReconciler } from '#controllers/flavor/reconciler.ts';
import { flavorsFrom } from '#controllers/flavors.ts';
import { hostAggregateReconciler } from '#controllers/hostaggregate/reconciler.ts';
import { HeldImages } from '#controllers/image/held-images.ts';
import { imageReconciler } from '#controllers/image/reconciler.ts';
import { builtImageOf } from '#controllers/images.ts';
import { InstanceEvents } from '#controllers/instance/events.ts';
import { Progress } from '#controllers/instance/progress.ts';
import { instanceReconciler } from '#controllers/instance/reconciler.ts';
import { leftTask } from '#controllers/instance/traces.ts';
import { instanceWatches } from '#controllers/instance-watches.ts';
import { keyPairReconciler } from '#controllers/keypair/reconciler.ts';
import { maintenanceReconciler } from '#controllers/maintenance/reconciler.ts';
import { BatchScheduler } from '#controllers/placement/batch-scheduler.ts';
import { BuildWatch } from '#controllers/placement/build-watch.ts';
import { FleetKeeper } from '#controllers/placement/fleet-keeper.ts';
import { fleetProber } from '#controllers/placement/fleet-prober.ts';
import { placementReconciler } from '#controllers/placement/reconciler.ts';
import { requestsFrom } from '#controllers/placement/requests.ts';
import { operatorsProbes, ownersProbes, probeReconciler } from '#controllers/probe/reconciler.ts';
import { rebuildJudge } from '#controllers/request/rebuild-judge.ts';
import { actionRequests, migrationRequests, requestReconciler } from '#controllers/request/reconciler.ts';
import { ProfileBook } from '#controllers/schedulerprofile/profile-book.ts';
import { schedulerProfileReconciler } from '#controllers/schedulerprofile/reconciler.ts';
import { ShadowTallies } from '#controllers/schedulerprofile/shadow-tallies.ts';
import { Shadows } from '#controllers/schedulerprofile/shadows.ts';
import { serverGroupReconciler } from '#controllers/servergroup/reconciler.ts';
import type { Surge } from '#controllers/surge.ts';
import {
  claimsWatches,
  computeNodeWatches,
  fenceWatches,
  hostAggregateWatches,
  imageWatches,
  maintenanceWatches,
  migrationWatches,
  placementWatches,
  probeWatches,
  requestWatches,
  serverGroupWatches,
} from '#controllers/watches.ts';

import { DEFAULT_PROFILE } from '#core/scheduling/profile.ts';
import { type HostMetrics, NO_METRICS } from '#ports/host-metrics.ts';
import type { Tracer } from '#ports/tracer.ts';
import type { KubeClient } from '#runtime/client.ts';
import { type Controller, createController, type Reconciler } from '#runtime/controller.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Manager } from '#runtime/manager.ts';
import { type Watch, watch } from '#runtime/mapping.ts';
import type { EventRecorder } from '#runtime/recorder.ts';
import { keyOf } from '#runtime/resource.ts';
import { aliasesOf, type Config, deadlinesOf, imageSourcesOf, queriesOf } from './config.ts';

const now = () => new Date();

export interface Parts {
  config: Config;
  client: KubeClient;
  caches: Caches;
  recorder: EventRecorder;
  surge: Surge;
  telemetry: PrometheusTelemetry;
  tracer: Tracer;
  logger: Logger;
}

/** All controllers, wired; they run while this replica leads. */
export function addControllers(
  manager: Manager,
  { config, client, caches, recorder, surge, telemetry, tracer, logger }: Parts,
): readonly Controller[] {
  const controllers: Controller[] = [];
  const add = (reconciler: Reconciler, watches: Watch[], concurrency = 4) => {
    const controller = createController({ reconciler, concurrency, watches, logger, metrics: telemetry });
    controllers.push(controller);
    manager.addController(controller);
  };
  const ledgers = kubernetesLedgers(client, caches.ledgers);
  const builds = new BuildWatch(caches.instances, now);
  const metrics = metricsOf(manager, config, logger);
  const flavors = flavorsFrom(caches, aliasesOf(config));
  const keeper = new FleetKeeper(caches, {
    failedBuilds: (node) => builds.failedBuilds(node),
    isSound: (name, claims) => driftOn({ caches, flavors }, name, claims).length === 0,
    metrics,
    imageOf: (it) => builtImageOf(caches, it),
  });
  builds.onChange((nodeName) => keeper.refresh(nodeName));
  const reservations = kubernetesReservations(client, caches.serverGroups);
  caches.pods.onChange(() => keeper.refreshUnsound());
  caches.instances.onChange(() => keeper.refreshUnsound());
  const profiles = new ProfileBook(caches, { ...DEFAULT_PROFILE, maxAttempts: config.maxAttempts });
  const tallies = new ShadowTallies();
  const shadows = new Shadows(profiles, tallies, logger.child({ module: 'shadow' }));
  const scheduler = new BatchScheduler(keeper, ledgers, reservations, shadows, surge, telemetry);
  const prober = fleetProber(keeper, profiles);
  const hypervisor = kubevirtHypervisor(client, {
    vm: (vm) => caches.vms.put(vm),
    vmi: (vmi) => caches.vmis.put(vmi),
    migration: (migration) => caches.migrations.put(migration),
    claim: (claim) => caches.volumeClaims.put(slimVolumeClaim(claim)),
    lives: (uid) => instanceByUid(caches, uid) !== undefined,
  });
  const defaultRatios = {
    cpu: config.cpuAllocationRatio,
    memory: config.memoryAllocationRatio,
    disk: config.diskAllocationRatio,
  };
  const requests = requestsFrom(caches, config.defaultAvailabilityZone);
  const waiting = new Set<string>();
  const progress = new Progress((...left) => tracer.ended(leftTask(...left)));
  const rebuilding = {
    allowed: imageSourcesOf(config),
    judge: rebuildJudge({ ledgers, prober, requests, flavors, profiles }),
  };
  const instance = instanceReconciler({
    client,
    caches,
    ledgers,
    scheduler,
    requests,
    flavors,
    profiles,
    hypervisor,
    images: kubernetesImages(client, (image) => caches.images.put(image)),
    events: new InstanceEvents(recorder),
    progress,
    waiting,
    surge,
    telemetry,
    tracer,
    deadlines: deadlinesOf(config),
    allowedImages: rebuilding.allowed,
    judgeRebuild: rebuilding.judge,
    confirmWindowMs: config.resizeConfirmWindow * 1000,
    now,
  });
  const { maintenanceMoves } = config;
  add(
    computeNodeReconciler({
      client,
      caches,
      ledgers,
      flavors,
      recorder,
      surge,
      telemetry,
      defaultRatios,
      maintenanceMoves,
      now,
    }),
    computeNodeWatches(caches),
    8,
  );
  add(
    maintenanceReconciler({ client, caches, ledgers, maintenanceMoves, now }),
    maintenanceWatches(caches),
    1,
  );
  add(hostAggregateReconciler(client, caches, now), hostAggregateWatches(caches), 1);
  add(serverGroupReconciler({ client, caches, reservations, now }), serverGroupWatches(caches), 1);
  add(
    schedulerProfileReconciler(client, caches, tallies, now),
    [watch(caches.schedulerProfiles, (it) => [keyOf(it)])],
    1,
  );
  add(instance, instanceWatches(caches, waiting), config.concurrency);
  const requesting = { client, caches, recorder, now };
  add(
    requestReconciler(requesting, actionRequests(caches, rebuilding)),
    requestWatches(caches, caches.instanceActions),
  );
  add(requestReconciler(requesting, migrationRequests(caches)), migrationWatches(caches));
  add(
    placementReconciler({
      client,
      caches,
      hypervisor,
      ledgers,
      scheduler,
      requests,
      flavors,
      profiles,
      recorder,
      progress,
      now,
    }),
    placementWatches(caches),
    8,
  );
  add(fenceReconciler({ client, caches, recorder }), fenceWatches(caches), 8);
  add(claimsReconciler({ client, caches, ledgers }), claimsWatches(caches));
  add(keyPairReconciler(client, caches.keyPairs, now), [watch(caches.keyPairs, (it) => [keyOf(it)])]);
  const held = new HeldImages(caches.nodes, now);
  add(
    imageReconciler({ client, caches, held, allowed: imageSourcesOf(config), now }),
    imageWatches(caches),
    4,
  );
  const figures = new FlavorFigures(caches, prober, flavors.build);
  add(flavorReconciler(client, caches.flavors, figures, now), [watch(caches.flavors, (it) => [keyOf(it)])]);
  const probing = { client, caches, ledgers, prober, requests, flavors, profiles, now };
  add(probeReconciler(probing, ownersProbes(caches)), probeWatches(caches, caches.placementProbes), 2);
  add(
    probeReconciler(probing, operatorsProbes(caches)),
    probeWatches(caches, caches.clusterPlacementProbes),
    2,
  );
  return controllers;
}

/** Every replica asks, so that a new leader knows them at once. */
function metricsOf(manager: Manager, config: Config, logger: Logger): HostMetrics {
  const { prometheusUrl: url, prometheusTokenFile: tokenFile, prometheusNodeLabel: nodeLabel } = config;
  if (url === undefined) return NO_METRICS;
  const intervalMs = config.prometheusInterval * 1000;
  const metrics = new PrometheusMetrics({
    url,
    tokenFile,
    nodeLabel,
    queries: queriesOf(config),
    intervalMs,
    logger,
  });
  manager.addRunnable(metrics, 'start');
  return metrics;
}
