import { expect, test } from 'vitest';
import { ATTACHED_TO_ANNOTATION } from '#api/constants.ts';
import type { KubeObject } from '#runtime/resource.ts';
import { type Attachment, attachedTo, attachmentsOf, inTheWay } from './attachments.ts';

const claim = (text: string | null): KubeObject =>
  ({ metadata: { annotations: text === null ? {} : { [ATTACHED_TO_ANNOTATION]: text } } }) as KubeObject;
const web: Attachment = { name: 'web', uid: '1', shared: false };
const peer: Attachment = { name: 'peer', uid: '2', shared: true };

test('what is written is read again; nobody is no annotation', () => {
  expect(attachmentsOf(claim(attachedTo([web, peer])))).toEqual([web, peer]);
  expect(attachedTo([])).toBeNull();
  expect(attachmentsOf(claim(null))).toEqual([]);
});

test('what nobody can read stands for nobody', () => {
  for (const text of ['{', '"web"', '{}', '[{"name":"web"}]', '[null]'])
    expect(attachmentsOf(claim(text)), text).toEqual([]);
});

const all = () => true;

test('one writer at a time, unless all share; those that are gone do not count', () => {
  expect(inTheWay([web], { uid: '1', shared: false }, all)).toBeUndefined();
  expect(inTheWay([web], { uid: '3', shared: false }, all)).toBe(web);
  expect(inTheWay([web], { uid: '3', shared: true }, all)).toBe(web);
  expect(inTheWay([peer], { uid: '3', shared: false }, all)).toBe(peer);
  expect(inTheWay([peer], { uid: '3', shared: true }, all)).toBeUndefined();
  expect(inTheWay([web, peer], { uid: '3', shared: true }, (uid) => uid !== '1')).toBeUndefined();
});
