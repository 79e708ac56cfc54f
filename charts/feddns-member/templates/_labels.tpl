{{- define "feddns-member.labels" -}}
app.kubernetes.io/name: feddns-member
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "feddns-member.subjects" -}}
- {kind: ServiceAccount, namespace: {{ .Release.Namespace | quote }}, name: {{ .Values.name | quote }}}
{{- end -}}
