import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from './resource.ts';
import { Store } from './store.ts';

interface Thing extends KubeObject {
  color?: string;
}

function thing(name: string, resourceVersion: number, color = 'red', uid = `uid-${name}`): Thing {
  const metadata = {
    name,
    namespace: 'n',
    uid,
    resourceVersion: `${resourceVersion}`,
    creationTimestamp: '',
  };
  return { apiVersion: 'v1', kind: 'Thing', metadata, color };
}

function recorded(store: Store<Thing>): string[] {
  const heard: string[] = [];
  store.onChange((event) =>
    heard.push(`${event.type} ${event.object.metadata.name}@${event.object.metadata.resourceVersion}`),
  );
  return heard;
}

function colored(): Store<Thing> {
  return new Store<Thing>({ indexers: { color: (object) => [object.color ?? ''] } });
}

const names = (things: Thing[]): string[] => things.map((object) => object.metadata.name).sort();

describe('the watch', () => {
  test('adds, changes, deletes, and tells so', () => {
    const store = colored();
    const heard = recorded(store);
    store.replace([thing('a', 1)], '1');
    store.observe('ADDED', thing('b', 2));
    store.observe('MODIFIED', thing('a', 3, 'blue'));
    store.observe('DELETED', thing('b', 4));
    expect(heard).toEqual(['added a@1', 'added b@2', 'modified a@3', 'deleted b@4']);
    expect(store.list()).toHaveLength(1);
    expect(store.resourceVersion).toBe('4');
  });

  test('a change that was delivered twice is told once', () => {
    const store = colored();
    store.replace([], '1');
    const heard = recorded(store);
    store.observe('ADDED', thing('a', 2));
    store.observe('ADDED', thing('a', 2));
    expect(heard).toEqual(['added a@2']);
  });

  test('a bookmark moves the position only', () => {
    const store = colored();
    store.replace([thing('a', 1)], '1');
    store.observe('BOOKMARK', thing('', 9));
    expect(store.resourceVersion).toBe('9');
    expect(names(store.list())).toEqual(['a']);
  });

  test('a name that was deleted and made again is two objects', () => {
    const store = colored();
    store.replace([thing('a', 1)], '1');
    const heard = recorded(store);
    store.observe('ADDED', thing('a', 5, 'red', 'second'));
    expect(heard).toEqual(['deleted a@1', 'added a@5']);
  });

  test('every listener hears, also when one before it throws', () => {
    const store = colored();
    store.replace([], '1');
    store.onChange(() => {
      throw new Error('bad listener');
    });
    const heard = recorded(store);
    expect(() => store.observe('ADDED', thing('a', 2))).toThrow('listeners failed');
    expect(heard).toEqual(['added a@2']);
  });
});

describe('the list', () => {
  test('what is missing was deleted, what is the same is not told', () => {
    const store = colored();
    store.replace([thing('a', 1), thing('b', 2), thing('c', 3)], '3');
    const heard = recorded(store);
    store.replace([thing('a', 1), thing('c', 7)], '8');
    expect(heard).toEqual(['deleted b@2', 'modified c@7']);
  });

  test('does not undo our own write that is newer than it', () => {
    const store = colored();
    store.replace([thing('a', 1)], '1');
    store.put(thing('a', 10));
    store.put(thing('b', 11));
    store.replace([thing('a', 5)], '6');
    expect(store.get('n/a')?.metadata.resourceVersion).toBe('10');
    expect(store.get('n/b')?.metadata.resourceVersion).toBe('11');
  });

  test('rules alone when the API server went back in time (a restored backup)', () => {
    const store = colored();
    store.replace([thing('a', 100), thing('b', 101)], '101');
    store.replace([thing('a', 40)], '50');
    expect(store.list().map((object) => object.metadata.resourceVersion)).toEqual(['40']);
  });

  test('resolves synced', async () => {
    const store = colored();
    expect(store.hasSynced).toBe(false);
    store.replace([], '1');
    await store.synced;
    expect(store.hasSynced).toBe(true);
  });
});

describe('our own write', () => {
  test('is seen at once; the watch’s older and same states are ignored', () => {
    const store = colored();
    store.replace([thing('a', 1)], '1');
    store.put(thing('a', 5, 'blue'));
    const heard = recorded(store);
    store.observe('MODIFIED', thing('a', 3, 'green'));
    store.observe('MODIFIED', thing('a', 5, 'blue'));
    expect(store.get('n/a')?.color).toBe('blue');
    expect(heard).toEqual([]);
  });

  test('never brings back what the watch saw deleted', () => {
    const store = colored();
    store.replace([thing('a', 1)], '1');
    store.observe('DELETED', thing('a', 7));
    store.put(thing('a', 5));
    expect(store.list()).toEqual([]);
  });

  test('of a new object stays, although its predecessor’s deletion arrives later', () => {
    const store = colored();
    store.replace([thing('a', 1)], '1');
    store.put(thing('a', 9, 'red', 'second'));
    store.observe('DELETED', thing('a', 8));
    expect(store.get('n/a')?.metadata.uid).toBe('second');
  });
});

describe('what is kept', () => {
  test('has no managedFields and is transformed', () => {
    const store = new Store<Thing>({ transform: ({ color: _, ...rest }) => rest });
    const object = thing('a', 1);
    Object.assign(object.metadata, { managedFields: [{}] });
    store.replace([object], '1');
    expect(store.get('n/a')).not.toHaveProperty('metadata.managedFields');
    expect(store.get('n/a')).not.toHaveProperty('color');
  });

  test('is found by index, and an unknown index is a mistake', () => {
    const store = colored();
    store.replace([thing('a', 1, 'red'), thing('b', 1, 'red'), thing('c', 1, 'blue')], '1');
    store.observe('MODIFIED', thing('b', 2, 'blue'));
    expect(names(store.byIndex('color', 'blue'))).toEqual(['b', 'c']);
    expect(names(store.byIndex('color', 'red'))).toEqual(['a']);
    expect(store.byIndex('color', 'green')).toEqual([]);
    expect(() => store.byIndex('size', 'big')).toThrow('no index named size');
  });
});

test('watch and own writes in any order end in the same state, and indexes agree with it', () => {
  const change = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    color: fc.constantFrom('red', 'blue'),
    deleted: fc.boolean(),
    ours: fc.boolean(),
    lag: fc.nat(6),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const store = colored();
      store.replace([], '1');
      const truth = new Map<string, Thing>();
      const steps: Array<{ at: number; run: () => void }> = [];
      changes.forEach((c, i) => {
        const object = thing(c.name, i + 2, c.color);
        const deleted = c.deleted && truth.has(c.name);
        const type = deleted ? 'DELETED' : truth.has(c.name) ? 'MODIFIED' : 'ADDED';
        if (deleted) truth.delete(c.name);
        else truth.set(c.name, object);
        // The watch keeps its order; the answer to our write comes somewhat sooner or later.
        steps.push({ at: i * 10, run: () => store.observe(type, object) });
        if (c.ours && !deleted)
          steps.push({ at: i * 10 + (c.lag - 3) * 10 + 5, run: () => store.put(object) });
      });
      for (const step of steps.toSorted((a, b) => a.at - b.at)) step.run();
      expect(names(store.list())).toEqual([...truth.keys()].sort());
      for (const color of ['red', 'blue']) {
        const expected = [...truth.values()].filter((object) => object.color === color);
        expect(names(store.byIndex('color', color))).toEqual(names(expected));
      }
    }),
  );
});
