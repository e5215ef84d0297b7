import { ATTACHED_TO_ANNOTATION } from '#api/constants.ts';
import type { KubeObject } from '#runtime/resource.ts';

/** An Instance that has a PersistentVolumeClaim: an entry of the claim's own record. */
export interface Attachment {
  name: string;
  uid: string;
  /** Others that say so too may have it as well. */
  shared: boolean;
}

/** Who has the claim, as it says itself. What nobody can read stands for nobody. */
export function attachmentsOf({ metadata }: KubeObject): Attachment[] {
  const text = metadata.annotations?.[ATTACHED_TO_ANNOTATION];
  if (text === undefined) return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter(isAttachment) : [];
  } catch {
    return [];
  }
}

const isAttachment = (it: Partial<Attachment> | null): it is Attachment =>
  typeof it?.name === 'string' && typeof it.uid === 'string' && typeof it.shared === 'boolean';

/** The annotation's value; null takes it away. */
export const attachedTo = (attachments: readonly Attachment[]): string | null =>
  attachments.length > 0 ? JSON.stringify(attachments) : null;

/** Those of others that keep this Instance from having the claim: `lives` tells whether there is an Instance of that uid. */
export function inTheWay(
  attachments: readonly Attachment[],
  { uid, shared }: Omit<Attachment, 'name'>,
  lives: (uid: string) => boolean,
): Attachment | undefined {
  const others = attachments.filter((it) => it.uid !== uid && lives(it.uid));
  return others.find((it) => !shared || !it.shared);
}
