import type { Right, Use, Verb } from './rights.ts';

export interface Comparison {
  /** What was used, and no right allows. */
  missing: Use[];
  /** What is allowed, and nothing used: `verb resource.group`. */
  unused: string[];
}

/**
 * Compares rights with all that was used. A right for the whole cluster that was used in Berth's own namespace only,
 * where a narrower one allows the same, counts as unused.
 */
export function compare(rights: readonly Right[], uses: readonly Use[], ownNamespace: string): Comparison {
  const used = new Set<string>();
  const missing: Use[] = [];
  for (const use of uses) {
    const allowing = rights.filter((it) => allows(it, use, ownNamespace));
    const narrowest = Math.min(...allowing.map(breadth));
    for (const right of allowing.filter((it) => breadth(it) === narrowest))
      used.add(nameOf(rights.indexOf(right), use.verb, use.resource));
    if (allowing.length === 0) missing.push(use);
  }
  const unused = rights.flatMap((right, index) =>
    right.unseen
      ? []
      : right.resources.flatMap((resource) =>
          right.verbs
            .filter((verb) => !used.has(nameOf(index, verb, resource)))
            .map((verb) => inWords({ verb, resource, group: right.group })),
        ),
  );
  return { missing, unused };
}

export const inWords = ({ verb, resource, group }: Pick<Use, 'verb' | 'resource' | 'group'>): string =>
  `${verb} ${resource}${group && `.${group}`}`;

const nameOf = (index: number, verb: string, resource: string) => `${index} ${verb} ${resource}`;

const breadth = ({ names, ownNamespace }: Right): number => (names ? 0 : 1) + (ownNamespace ? 0 : 2);

function allows(
  right: Right,
  { verb, group, resource, namespace, name }: Use,
  ownNamespace: string,
): boolean {
  return (
    right.group === group &&
    right.resources.includes(resource) &&
    right.verbs.includes(verb as Verb) &&
    (!right.ownNamespace || namespace === ownNamespace) &&
    (!right.names || (name !== undefined && right.names.includes(name)))
  );
}
