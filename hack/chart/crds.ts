import type { KindDefinition } from '#api/kind.ts';
import { crdOf } from '../generate/crd.ts';
import { HEADER, templateOf } from './template.ts';

/** A kind, as the chart installs it: it stays when the chart goes, and all objects with it. */
export function crdTemplate(definition: KindDefinition): string {
  const { metadata, ...rest } = crdOf(definition);
  const kept = {
    ...rest,
    metadata: {
      ...metadata,
      annotations: { 'helm.sh/resource-policy': 'keep' },
      labels: { 'app.kubernetes.io/component': 'crds' },
    },
  };
  return `${HEADER}{{- if .Values.crds.install }}\n${templateOf([kept])}{{- end }}\n`;
}
