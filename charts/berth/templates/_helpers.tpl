{{- define "berth.labels" -}}
app.kubernetes.io/name: berth
app.kubernetes.io/part-of: berth
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- end }}

{{- define "berth.selector" -}}
app.kubernetes.io/name: berth
app.kubernetes.io/component: operator
{{- end }}

{{- define "berth.user" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ .Values.serviceAccount.name }}
{{- end }}

{{- define "berth.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- /* Berth's settings as environment variables: maxAttempts is BERTH_MAX_ATTEMPTS. PromQL has commas of its own. */ -}}
{{- define "berth.environment" -}}
{{- range $name, $value := .Values.config }}
- name: BERTH_{{ $name | snakecase | upper }}
  value: {{ if kindIs "slice" $value }}{{ join (ternary "\n" "," (eq $name "prometheusQuery")) $value | quote }}{{ else if kindIs "float64" $value }}{{ printf "%v" $value | quote }}{{ else }}{{ $value | quote }}{{ end }}
{{- end }}
{{- end }}

{{- define "berth.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "berth.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "berth.releaseHook" -}}
annotations:
  helm.sh/hook: post-delete
  helm.sh/hook-weight: {{ . | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{- define "berth.isThere" -}}
{{- $kind := first . }}{{ $name := index . 1 }}{{ $root := index . 2 -}}
{{- if $root.Capabilities.APIVersions.Has (printf "compute.berth.dev/v1alpha1/%s" $kind) }}
{{- if lookup "compute.berth.dev/v1alpha1" $kind "" $name }}yes{{ end }}
{{- end }}
{{- end }}
{{- define "berth.hook" -}}
annotations:
  helm.sh/hook: post-install,post-upgrade
  helm.sh/hook-delete-policy: hook-failed
  helm.sh/resource-policy: keep
{{- end }}
