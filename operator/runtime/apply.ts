import type { ApplyOptions, KubeClient } from './client.ts';
import { type KubeObject, keyOf, type Manifest, type Resource } from './resource.ts';
import type { Store } from './store.ts';

/**
 * Whether `actual` lacks anything of `wanted`: fields of maps one by one, lists as a whole, in order. A field that is
 * wanted as undefined must be absent. What only `actual` has is someone else's, or a default, and does not count.
 */
export function differs(wanted: unknown, actual: unknown): boolean {
  if (wanted === undefined || wanted === null) return actual !== undefined && actual !== null;
  if (Array.isArray(wanted)) return listDiffers(wanted, actual);
  if (typeof wanted !== 'object') return wanted !== actual;
  if (typeof actual !== 'object' || actual === null) return true;
  const held = actual as Record<string, unknown>;
  return Object.entries(wanted).some(([name, value]) => differs(value, held[name]));
}

function listDiffers(wanted: unknown[], actual: unknown): boolean {
  if (!Array.isArray(actual)) return wanted.length > 0;
  return wanted.length !== actual.length || wanted.some((item, index) => differs(item, actual[index]));
}

/**
 * Server-side apply that writes nothing when the store's object has all the wanted fields already. To give up a field,
 * name it as undefined: that makes a difference here, and is left out of what is applied. The answer goes into the
 * store. Returns the object as it is now, and whether it was written.
 */
export async function applyIfChanged<T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  store: Store<T>,
  wanted: Manifest,
  options: ApplyOptions,
): Promise<{ object: T; written: boolean }> {
  const held = store.get(keyOf(wanted));
  if (held && !differs(wanted, held)) return { object: held, written: false };
  const object = await client.apply<T>(resource, wanted, options);
  store.put(object);
  return { object, written: true };
}
