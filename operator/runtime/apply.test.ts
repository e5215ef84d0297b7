import { expect, test } from 'vitest';
import { differs } from './apply.ts';

const actual = {
  metadata: { name: 'a', labels: { ours: '1', theirs: '2' } },
  spec: { replicas: 1, list: [{ name: 'x', added: true }] },
};

const same: unknown[] = [
  { metadata: { labels: { ours: '1' } } },
  { spec: { list: [{ name: 'x' }] } },
  { spec: { gone: undefined } },
  { status: undefined },
];

const different: unknown[] = [
  { metadata: { labels: { ours: '2' } } },
  { metadata: { labels: { theirs: undefined } } },
  { spec: { list: [] } },
  { spec: { list: [{ name: 'x' }, { name: 'y' }] } },
  { spec: { list: [{ name: 'y' }] } },
  { spec: { replicas: '1' } },
  { status: {} },
  { spec: { replicas: { n: 1 } } },
];

test.each(same)('nothing to do for %j', (wanted) => expect(differs(wanted, actual)).toBe(false));
test.each(different)('something to do for %j', (wanted) => expect(differs(wanted, actual)).toBe(true));
