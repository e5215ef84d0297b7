import { attestNodes } from '#admission/computenodes.ts';
import {
  COMPUTE_NODES_PATH,
  CONFIGURATION_NAME,
  IMAGES_PATH,
  INSTANCES_PATH,
  PODS_PATH,
  publishWebhooks,
  REQUESTS_PATH,
  type WebhookAddress,
} from '#admission/configuration.ts';
import { identitiesOf } from '#admission/identities.ts';
import { checkImages, type ImageFacts } from '#admission/images.ts';
import { defaultInstances } from '#admission/instances.ts';
import { gatePods } from '#admission/pods.ts';
import { ownUserName, publishPolicies } from '#admission/policies.ts';
import { stampRequests } from '#admission/requested-by.ts';
import type { Caches } from '#controllers/caches.ts';
import { nodeFactsOf } from '#controllers/fence/node-facts.ts';
import { flavorsFrom } from '#controllers/flavors.ts';
import { claimNodeOf } from '#controllers/placement/claim-node.ts';
import { CertificateFiles } from '#runtime/certificate-files.ts';
import { CertificateKeeper } from '#runtime/certificate-keeper.ts';
import type { KeyedCertificate } from '#runtime/certificates.ts';
import type { KubeClient } from '#runtime/client.ts';
import type { HealthServer } from '#runtime/health.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Manager } from '#runtime/manager.ts';
import { WebhookServer } from '#runtime/webhook.ts';
import { mutatingWebhooks, publishCaBundle } from '#runtime/webhook-configurations.ts';
import { aliasesOf, type Config, imageSourcesOf } from './config.ts';
import { findOwner } from './find-owner.ts';

interface Serving {
  config: Config;
  client: KubeClient;
  caches: Caches;
  logger: Logger;
}

/**
 * Every replica serves admission, with certificates of one authority. Behind a Service all publish the same
 * configuration; outside a cluster each has an address of its own, and the leader's is the one in force.
 */
export async function addWebhook(
  manager: Manager,
  { config, client, caches, logger }: Serving,
  health: HealthServer,
): Promise<void> {
  const server = new WebhookServer({
    logger,
    port: config.webhookPort,
    host: config.bindAddress,
    lingerMs: config.shutdownDelay * 1000,
  });
  const identities = identitiesOf(config.userName ?? (await ownUserName(client)), config.kubevirtNamespace);
  server.handle(
    PODS_PATH,
    gatePods(identities.controller, (uid) => claimNodeOf(caches, uid), findOwner(client, caches)),
  );
  server.handle(
    COMPUTE_NODES_PATH,
    attestNodes(
      (name) => nodeFactsOf(caches.nodes.get(name), caches.computeNodes.get(name)),
      () => new Date(),
    ),
  );
  const facts: ImageFacts = {
    image: (key) => caches.images.get(key),
    flavor: (name) => caches.flavors.get(name),
    build: flavorsFrom(caches, aliasesOf(config)).build,
    allowed: imageSourcesOf(config),
  };
  server.handle(INSTANCES_PATH, defaultInstances(facts));
  server.handle(IMAGES_PATH, checkImages(facts));
  server.handle(REQUESTS_PATH, stampRequests);
  const port = await server.listen();
  const { webhookHost, webhookService, namespace } = config;
  const address: WebhookAddress = webhookHost
    ? { host: webhookHost, port }
    : { service: { name: webhookService, namespace } };
  const isInstalled = config.admissionObjects === 'installed';
  const onServing = (certificate: KeyedCertificate) => server.useCertificate(certificate);
  const keeper =
    config.certificateDir !== undefined
      ? new CertificateFiles({ folder: config.certificateDir, logger, onServing })
      : new CertificateKeeper({
          client,
          secret: `${namespace}/berth-webhook-certificates`,
          dnsNames: webhookHost ? [webhookHost] : [`${webhookService}.${namespace}.svc`],
          logger,
          onServing,
          onBundle: async (bundle) => {
            if (isInstalled) return publishCaBundle(client, mutatingWebhooks, CONFIGURATION_NAME, bundle);
            if (!webhookHost || manager.isLeading()) await publishWebhooks(client, address, bundle);
            if (manager.isLeading()) await publishPolicies(client, identities);
          },
        });
  manager.addRunnable(server, 'start');
  manager.addRunnable(keeper, 'start');
  if (!isInstalled) manager.addRunnable({ name: 'publish-admission', run: () => keeper.check() }, 'leader');
  health.addReadiness('webhook', () => server.trouble() ?? keeper.trouble());
}
