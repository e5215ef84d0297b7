import type { KubeObject, Manifest, Resource } from './resource.ts';

export const events: Resource = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

export interface ObjectReference {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
  uid: string;
  resourceVersion?: string;
}

/** events.k8s.io/v1 Event. */
export interface KubeEvent extends KubeObject {
  eventTime: string;
  reportingController: string;
  reportingInstance: string;
  type: 'Normal' | 'Warning';
  reason: string;
  action: string;
  note: string;
  regarding: ObjectReference;
  related?: ObjectReference;
  series?: { count: number; lastObservedTime: string };
}

/** What happened, as a controller says it. */
export interface EventText {
  type: 'Normal' | 'Warning';
  /** Why, as one CamelCase word. */
  reason: string;
  /** What was done or tried, as one CamelCase word. */
  action: string;
  /** For a person; cut at 1024 bytes. */
  note: string;
  related?: KubeObject;
  annotations?: Record<string, string>;
}

export type NewEvent = Omit<KubeEvent, 'metadata'> & Manifest;

const noteLimitBytes = 1024;

/** A number on its own in a note tells occurrences apart, not events: "3 of 5 nodes" and "4 of 5 nodes" are one. */
const loneNumber = /(?<![\w.-])\d+(?:\.\d+)?(?![\w-])/g;

/** Equal for events that are repetitions of one another. */
export function seriesKey(regarding: KubeObject, text: EventText): string {
  const { type, reason, action, note, related } = text;
  const parts = [
    regarding.metadata.uid,
    type,
    reason,
    action,
    related?.metadata.uid,
    note.replace(loneNumber, '#'),
  ];
  return parts.join('\n');
}

export function cutNote(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= noteLimitBytes) return note;
  const cut = bytes.subarray(0, noteLimitBytes - 3).toString('utf8');
  return `${cut.replace(/\uFFFD$/, '')}...`;
}

export function referenceTo(object: KubeObject): ObjectReference {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, name, namespace, uid, resourceVersion };
}
