import { describe, expect, test } from 'vitest';
import { IMAGE_SOURCE, whyNotAllowed } from './allow-list.ts';

const http = (url: string) => ({ http: { url } });
const disk = (containerDisk: string) => ({ containerDisk });

describe.each([
  ['https://images.example/golden', http('https://images.example/golden/a.qcow2'), true],
  ['https://images.example/golden/', http('https://images.example/golden/a.qcow2'), true],
  ['https://images.example', http('https://images.example/any/where'), true],
  ['https://images.example', http('https://images.example.evil.test/a'), false],
  ['https://images.example', http('http://images.example/a'), false],
  ['https://images.example', http('https://images.example:8443/a'), false],
  ['https://images.example:443', http('https://images.example/a'), true],
  ['https://images.example/golden', http('https://images.example/golden-not/a'), false],
  ['https://images.example/golden', http('https://images.example/golden/../secret'), false],
  ['https://images.example/golden', http('https://images.example/golden/%2e%2e/secret'), false],
  ['https://images.example/golden', http('https://images.example/golden/..%2fsecret'), false],
  ['https://images.example/golden', http('https://images.example/golden/..%2Fsecret'), false],
  ['https://images.example/golden', http('https://images.example/golden/..%5csecret'), false],
  ['https://images.example/golden', http('https://images.example/golden/%252e%252e/secret'), false],
  ['https://images.example/golden', http('https://images.example/golden/a\\b'), false],
  ['https://images.example/golden', http('https://images.example/golden/a%20b?sig=a%2Fb'), true],
  ['https://*.example', http('https://a.b.example/x'), true],
  ['https://*.example', http('https://example/x'), false],
  ['https://*.example', http('https://notexample/x'), false],
  ['docker://quay.io/containerdisks', disk('quay.io/containerdisks/fedora:41'), true],
  ['docker://quay.io/containerdisks/fedora', disk('quay.io/containerdisks/fedora:41'), true],
  ['docker://quay.io/containerdisks/fed', disk('quay.io/containerdisks/fedora:41'), false],
  ['docker://quay.io/containerdisks', disk('quay.io/containerdisks-not/fedora:41'), false],
  ['docker://docker.io', disk('fedora'), true],
  ['docker://quay.io', disk('registry.example:5000/fedora'), false],
  ['https://images.example', disk('images.example/fedora'), false],
] as const)('where %s is allowed', (entry, image, isAllowed) => {
  test(`${JSON.stringify(image)} ${isAllowed ? 'is' : 'is not'}`, () => {
    expect(entry).toMatch(IMAGE_SOURCE);
    expect(whyNotAllowed(image, [entry]) === undefined).toBe(isAllowed);
  });
});

test('without a list every place is, and a claim of the own namespace always', () => {
  expect(whyNotAllowed(http('http://anywhere.test/a'), undefined)).toBeUndefined();
  expect(whyNotAllowed({}, ['https://images.example'])).toBeUndefined();
});

test('a path that can be read in two ways is refused with what to change, unless every place is allowed', () => {
  const unclear = http('https://images.example/golden/..%2fsecret');
  expect(whyNotAllowed(unclear, ['https://images.example'])).toContain('write the path without');
  expect(whyNotAllowed(unclear, undefined)).toBeUndefined();
});

test('what is refused says what is allowed', () => {
  const said = whyNotAllowed(disk('fedora'), ['docker://quay.io', 'https://images.example']);
  expect(said).toContain('fedora is from a place');
  expect(said).toContain('Allowed: docker://quay.io, https://images.example');
});
