import { berthAccess, bindingOf, peopleRole } from '../access/manifests.ts';
import { PEOPLE_ROLES } from '../access/people.ts';
import { HEADER, templateOf, word } from './template.ts';

const AGGREGATES = /^ {4}rbac\.authorization\.k8s\.io\/aggregate-to-.*\n/gm;

/** What the operator may do, in the chart. */
export function berthAccessTemplate(): string {
  const all = berthAccess(word('BERTH_NAMESPACE'), word('BERTH_ACCOUNT'), 'installed');
  return `${HEADER}${templateOf(all.filter(({ kind }) => kind !== 'ServiceAccount'))}`;
}

/** Roles for people, in the chart. */
export function peopleTemplate(): string {
  const roles = PEOPLE_ROLES.map(
    (role) =>
      `# ${role.why}\n${templateOf([peopleRole(role)]).replaceAll(AGGREGATES, (line) => when('aggregate', line))}`,
  );
  const everyone = { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' };
  const catalog = templateOf([bindingOf('berth-catalog-reader', everyone)]);
  const all = [...roles, when('catalogForAll', catalog)].join('---\n');
  return `${HEADER}${when('people', all)}`;
}

const when = (value: string, text: string): string => `{{- if .Values.rbac.${value} }}\n${text}{{- end }}\n`;
