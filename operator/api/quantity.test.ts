import { describe, expect, it } from 'vitest';
import { byteQuantity, quantityBytes } from './quantity.ts';

it.each([
  ['0', 0],
  ['512', 512],
  ['1k', 1000],
  ['1Ki', 1024],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['2T', 2e12],
  ['3Pi', 3 * 2 ** 50],
])('quantityBytes(%s) is %d', (text, bytes) => {
  expect(quantityBytes(text)).toBe(bytes);
});

it.each(['', 'Gi', '1GB', '1gi', '-1', '+1', '1e3', '100m', '1.Gi', '.5Gi', ' 1', '1 Gi', '1Ei'])(
  'quantityBytes(%o) is no number',
  (text) => {
    expect(quantityBytes(text)).toBeNaN();
  },
);

describe('byteQuantity', () => {
  const schema = byteQuantity({ min: '16Mi', max: '1Gi' });

  it.each(['16Mi', '17M', '1Gi', '0.5Gi', '1048576Ki'])('takes %s', (text) => {
    expect(schema.safeParse(text).success).toBe(true);
  });

  it.each(['15Mi', '16M', '1025Mi', '1.5Gi', 'much', '0'])('refuses %s and names the bounds', (text) => {
    expect(schema.safeParse(text).error?.issues[0]?.message).toContain('from 16Mi to 1Gi');
  });
});
