/** A requirement of a Node's label (or, among matchFields, of its name), as Kubernetes has it. */
export interface NodeRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** All requirements must be met. */
export interface NodeTerm {
  readonly matchExpressions?: readonly NodeRequirement[];
  readonly matchFields?: readonly NodeRequirement[];
}

/** Alternatives: one term must be met. */
export type NodeSelector = readonly NodeTerm[];

type Labels = Readonly<Record<string, string>> | undefined;

/**
 * Does the selector choose the node? A term that asks for nothing chooses none, and neither does an operator that Kubernetes does
 * not have.
 * Source: k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go.
 */
export function selectsNode(selector: NodeSelector, name: string, labels: Labels): boolean {
  return selector.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    return (
      matchExpressions.every((requirement) => isMet(requirement, labels?.[requirement.key])) &&
      matchFields.every((requirement) => requirement.key === 'metadata.name' && isMet(requirement, name))
    );
  });
}

function isMet({ operator, values = [] }: NodeRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return compare(value, values, (is, asked) => is > asked);
    case 'Lt':
      return compare(value, values, (is, asked) => is < asked);
    default:
      return false;
  }
}

const WHOLE = /^[+-]?\d{1,18}$/;

function compare(
  value: string | undefined,
  [asked = '', ...more]: readonly string[],
  holds: (is: bigint, asked: bigint) => boolean,
): boolean {
  if (value === undefined || more.length > 0 || !WHOLE.test(value) || !WHOLE.test(asked)) return false;
  return holds(BigInt(value), BigInt(asked));
}

/** In words: `zone In (a, b) and disk Exists, or ...`. */
export function selectorText(selector: NodeSelector): string {
  const words = ({ key, operator, values = [] }: NodeRequirement) =>
    `${key} ${operator}${values.length > 0 ? ` (${values.join(', ')})` : ''}`;
  const terms = selector.map(({ matchExpressions = [], matchFields = [] }) =>
    [...matchExpressions, ...matchFields].map(words).join(' and '),
  );
  return terms.join(', or ');
}
