import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyTree, hasImage, importTree } from './docker.ts';
import { BINARIES } from './paths.ts';
import { fingerprint, once } from './stamp.ts';

export const TOOLS_IMAGE = 'berth.local/tools:1';

/** What the stand-in for CDI runs in images that have no program. `binaries` says what it is. */
export const toolsImage = (binaries: string): Promise<string> =>
  once(
    'tools image',
    fingerprint([binaries]),
    async () => {
      const root = emptyTree('tools');
      copyFileSync(join(BINARIES, 'copy'), join(root, 'copy'));
      await importTree(root, [TOOLS_IMAGE], ['ENTRYPOINT ["/copy"]']);
    },
    () => hasImage(TOOLS_IMAGE),
  );
