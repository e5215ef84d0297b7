import { GROUP } from '#api/constants.ts';

/** Pieces of CEL that the policies share. `object` and `oldObject` are the API server's; oldObject is null for CREATE. */
export const CREATES = "request.operation == 'CREATE'";

export const isUser = (...names: string[]): string =>
  `request.userInfo.username in [${names.map((name) => `'${name}'`).join(', ')}]`;

/** Kubernetes' own controllers: the garbage collector changes owner references and finalizers. */
export const IS_KUBERNETES = "request.userInfo.username.startsWith('system:serviceaccount:kube-system:')";

/** Do labels have Berth's prefix, at this path of the object or of what it was before? */
export const hasBerthsLabels = (path: string): string => {
  const has = (object: string) =>
    `${object}.${path}.?labels.orValue({}).exists(k, k.startsWith('${GROUP}/'))`;
  return `(${has('object')} || (oldObject != null && ${has('oldObject')}))`;
};

/** Are all labels, or annotations, whose key contains this text as they were? */
export const same = (field: 'labels' | 'annotations', text: string, path = 'metadata'): string => {
  const at = (object: string) => `${object}.${path}.?${field}`;
  const all = (object: string) =>
    `${at(object)}.orValue({}).all(k, !k.contains('${text}') || ${at('object')}[?k] == ${at('oldObject')}[?k])`;
  return `(${all('object')} && ${all('oldObject')})`;
};

/** Is the field as it was? Each step of the path may be missing. */
export const sameField = (path: string): string => {
  const optional = path.split('.').join('.?');
  return `object.?${optional} == oldObject.?${optional}`;
};

export const all = (...expressions: string[]): string => expressions.map((it) => `(${it})`).join(' && ');
export const any = (...expressions: string[]): string => expressions.map((it) => `(${it})`).join(' || ');
