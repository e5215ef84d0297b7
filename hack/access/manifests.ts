import { BERTH_RIGHTS } from './berth.ts';
import type { PeopleRole } from './people.ts';
import type { Right } from './rights.ts';

const RBAC = 'rbac.authorization.k8s.io';

export interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

/** An object of rbac.authorization.k8s.io/v1, or a ServiceAccount. */
export interface AccessManifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  rules?: PolicyRule[];
  roleRef?: object;
  subjects?: object[];
}

export const ruleOf = ({ group, resources, verbs, names }: Right): PolicyRule => ({
  apiGroups: [group],
  resources: [...resources],
  ...(names && { resourceNames: [...names] }),
  verbs: [...verbs],
});

/** Where an operator runs: installed in the cluster, or outside of it, where nobody made its webhooks and policies. */
export type Setting = 'installed' | 'outside';

export const rightsOf = (setting: Setting): Right[] =>
  BERTH_RIGHTS.filter((right) => right.only === undefined || right.only === setting);

const rbac = (kind: string, metadata: AccessManifest['metadata'], rest: object): AccessManifest => ({
  apiVersion: `${RBAC}/v1`,
  kind,
  metadata,
  ...rest,
});

/** The operator's service account with all that it may do, as it stands in the API server. */
export function berthAccess(namespace: string, name: string, setting: Setting): AccessManifest[] {
  const rights = rightsOf(setting);
  const bound = (kind: string) => ({
    roleRef: { apiGroup: RBAC, kind, name: 'berth' },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  const rules = (own: boolean) => ({
    rules: rights.filter(({ ownNamespace = false }) => ownNamespace === own).map(ruleOf),
  });
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    rbac('ClusterRole', { name: 'berth' }, rules(false)),
    rbac('ClusterRoleBinding', { name: 'berth' }, bound('ClusterRole')),
    rbac('Role', { name: 'berth', namespace }, rules(true)),
    rbac('RoleBinding', { name: 'berth', namespace }, bound('Role')),
  ];
}

export const peopleRole = ({ name, aggregatedInto, rights }: PeopleRole): AccessManifest =>
  rbac(
    'ClusterRole',
    {
      name,
      labels: Object.fromEntries(aggregatedInto.map((role) => [`${RBAC}/aggregate-to-${role}`, 'true'])),
    },
    { rules: rights.map(ruleOf) },
  );

/** Binds a ClusterRole in the whole cluster, under its own name. */
export const bindingOf = (name: string, subject: object): AccessManifest =>
  rbac(
    'ClusterRoleBinding',
    { name },
    { roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name }, subjects: [subject] },
  );
