import { canonicalReference } from '#core/images/reference.ts';
import type { Node } from './types.ts';

/** More than any cluster has of them at a time; old ones have to go some day. */
const MOST_NAMES = 20_000;

/**
 * Nodes as the cache keeps them: their images by canonical names alone, each text in memory once, though thousands of
 * nodes hold the image. A kubelet lists 50 images at most (nodeStatusMaxImages).
 */
export function nodeSlimmer(): (node: Node) => Node {
  const texts = new Map<string, string>();
  const shared = (text: string): string => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size >= MOST_NAMES) texts.clear();
    texts.set(text, text);
    return text;
  };
  return (node) => {
    if (!node.status?.images) return node;
    const names = new Set(
      node.status.images.flatMap(({ names: given = [] }) => given.map(canonicalReference)),
    );
    return { ...node, status: { ...node.status, images: [{ names: [...names].sort().map(shared) }] } };
  };
}
