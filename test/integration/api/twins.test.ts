import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Api, type Draft } from './api.ts';
import { DIGEST, draft, PUBLIC_KEY } from './drafts.ts';
import { zodComplaints } from './zod-verdict.ts';

/** A field that a CEL rule and its zod twin both judge, and texts to begin the search for a difference from. */
interface Twin {
  field: string;
  seeds: string[];
  object: (text: string) => Draft;
}

const TWINS: Twin[] = [
  { field: 'metadata.name', seeds: ['web-1', 'a'], object: (text) => draft('Instance', {}, text) },
  {
    field: 'spec.flavorRef.name',
    seeds: ['m1.small', 'a-b'],
    object: (text) => draft('Instance', { flavorRef: { name: text } }),
  },
  {
    field: 'spec.image.containerDisk',
    seeds: ['registry.example:5000/a_b/c-d:v1', `fedora@sha256:${DIGEST}`],
    object: (text) => draft('Instance', { image: { containerDisk: text } }),
  },
  {
    field: 'spec.image.http.url',
    seeds: ['https://images.example:80/a', 'http://[fd00::1]/b'],
    object: (text) => draft('Instance', { image: { http: { url: text } } }),
  },
  {
    field: 'spec.availabilityZone',
    seeds: ['zone-a', 'A_b.c'],
    object: (text) => draft('Instance', { availabilityZone: text }),
  },
  {
    field: 'spec.memory',
    seeds: ['2Gi', '1.5Ti', '17000000'],
    object: (text) => draft('Flavor', { memory: text }),
  },
  { field: 'spec.publicKey', seeds: [PUBLIC_KEY], object: (text) => draft('KeyPair', { publicKey: text }) },
];

let api: Api;
beforeAll(async () => {
  api = await Api.start();
});
afterAll(() => api?.stop());

it.each(TWINS)('the API server and zod agree on $field, whatever it is', async ({ seeds, object }) => {
  let taken = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(damaged(seeds), async (text) => {
      const answer = await api.tryCreate(object(text));
      const complaints = zodComplaints(object(text));
      expect({ text, taken: answer.kind === 'taken' }).toEqual({ text, taken: complaints.length === 0 });
      if (answer.kind === 'taken') taken++;
      else refused++;
    }),
    { numRuns: 150 },
  );
  expect(Math.min(taken, refused)).toBeGreaterThan(5);
});

/** One of the texts with up to two characters put in, taken out or replaced: near both sides of the border. */
function damaged(seeds: string[]): fc.Arbitrary<string> {
  const character = fc.oneof(
    fc.constantFrom(...'aZ09-_./:@ =+%\n\r\t\\\'"[]~', 'ü', '\u00a0', '\u2028', '٣'),
    fc.string({ minLength: 1, maxLength: 1 }),
  );
  const edit = fc.record({ at: fc.nat(400), remove: fc.nat(1), insert: fc.option(character, { nil: '' }) });
  return fc
    .record({ seed: fc.constantFrom(...seeds), edits: fc.array(edit, { maxLength: 2 }) })
    .map(({ seed, edits }) =>
      edits.reduce((text, { at, remove, insert }) => {
        const start = at % (text.length + 1);
        return text.slice(0, start) + insert + text.slice(start + remove);
      }, seed),
    );
}
