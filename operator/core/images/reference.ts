const DEFAULT_REGISTRY = 'docker.io';

/**
 * A container image's name as container runtimes write it in a Node's status: with registry and tag, and by its digest
 * alone where it has one.
 */
export function canonicalReference(reference: string): string {
  const [named = '', digest] = reference.split('@');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const repository = fullRepository(hasTag ? named.slice(0, colon) : named);
  if (digest !== undefined) return `${repository}@${digest}`;
  return `${repository}:${hasTag ? named.slice(colon + 1) : 'latest'}`;
}

function fullRepository(repository: string): string {
  const [first = '', ...rest] = repository.split('/');
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = isRegistry && first !== 'index.docker.io' ? first : DEFAULT_REGISTRY;
  const path = isRegistry ? rest : [first, ...rest];
  return [registry, ...(registry === DEFAULT_REGISTRY && path.length === 1 ? ['library'] : []), ...path].join(
    '/',
  );
}
