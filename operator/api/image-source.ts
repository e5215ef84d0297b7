import { z } from 'zod';
import { referredName } from './common.ts';
import { matching, withRules } from './schema.ts';

const PATH_STEP = '[a-z0-9]+([._-]+[a-z0-9]+)*';
const CONTAINER_IMAGE = new RegExp(
  `^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?/)?${PATH_STEP}(/${PATH_STEP})*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$`,
);
const HTTP_URL = /^https?:\/\/([A-Za-z0-9][-A-Za-z0-9.]*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?\/[!-~]+$/;
const CHECKSUM = /^(md5:[0-9a-f]{32}|sha1:[0-9a-f]{40}|sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

export const containerImage = withRules(
  z.string().max(512),
  matching(
    CONTAINER_IMAGE,
    'must be a container image without a scheme such as docker://, for example quay.io/containerdisks/fedora:41',
  ),
);

const http = z.strictObject({
  url: withRules(
    z.string().max(2048),
    matching(
      HTTP_URL,
      'must be a URL with http:// or https://, a host and a path, without user name or spaces, such as https://images.example/disk.qcow2',
    ),
  ).meta({ description: 'Where the disk image is.' }),
  checksum: withRules(
    z.string().max(136),
    matching(
      CHECKSUM,
      'must be an algorithm (md5, sha1, sha256, sha512), a colon and the whole digest in lower-case hex, such as sha256: and 64 digits',
    ),
  )
    .meta({
      description:
        'Algorithm and digest, such as `sha256:9f86d0...`. Needs a CDI that verifies checksums; with another one nothing is imported.',
    })
    .optional(),
});

/** Where a disk image comes from; exactly one is given. */
export const imageSources = {
  containerDisk: containerImage
    .meta({
      description: 'Container image with a disk in /disk, such as `quay.io/containerdisks/fedora:41`.',
    })
    .optional(),
  http: http.meta({ description: 'A disk image (raw, qcow2; gz or xz) to download.' }).optional(),
  pvc: z
    .strictObject({
      name: referredName.meta({ description: 'Name of the PersistentVolumeClaim.' }),
    })
    .meta({ description: 'A PersistentVolumeClaim of the same namespace, cloned.' })
    .optional(),
};

interface Sources {
  containerDisk?: unknown;
  http?: unknown;
  pvc?: unknown;
}

export const oneSource = (field: string) => ({
  rule: '[has(self.containerDisk), has(self.http), has(self.pvc)].filter(given, given).size() == 1',
  message: `${field} needs exactly one of containerDisk, http and pvc: keep one and remove the others`,
  check: (it: Sources) =>
    [it.containerDisk, it.http, it.pvc].filter((given) => given !== undefined).length === 1,
});
