{{/*
feddns.yaml as the pods get it: what the user says, and beside it what the pod knows by itself.
*/}}
{{- define "feddns.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := merge $config (include "feddns.config.ofPod" . | fromYaml) -}}
{{- $dns := default dict $config.dns -}}
{{- range prepend (default list $dns.targets) $dns -}}
{{- if hasKey (default dict .provider) "embedded" -}}
{{- $embedded := default dict .provider.embedded -}}
{{- range $key, $value := include "feddns.config.embedded" (dict "root" $ "zone" .zone) | fromYaml -}}
{{- if not (hasKey $embedded $key) }}{{ $_ := set $embedded $key $value }}{{ end -}}
{{- end -}}
{{- if not (hasKey $embedded "peers") -}}
{{- $_ := set $embedded "peers" (list (printf "%s:%s" (include "feddns.peers" $) (include "feddns.port" (first $embedded.listen)))) -}}
{{- end -}}
{{- $_ := set .provider "embedded" $embedded -}}
{{- end -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- define "feddns.config.ofPod" -}}
web:
  listen: {{ include "feddns.listen" (list (first .Values.ipFamilies) .Values.ports.http) | quote }}
{{- if not (dig "state" "file" "" .Values.config) }}
state:
  configMap: {namespace: {{ .Release.Namespace | quote }}, name: {{ include "feddns.fullname" . }}-state}
{{- end }}
{{- if gt (int .Values.replicaCount) 1 }}
leaderElection: {namespace: {{ .Release.Namespace | quote }}, name: {{ include "feddns.fullname" . | quote }}}
{{- end }}
{{- if .Values.discoverClusters }}
clusterSecrets: {namespace: {{ .Release.Namespace | quote }}}
{{- end }}
{{- end -}}

{{/*
A load balancer takes some 20 s to learn that a pod goes, by asking its node again and again (AWS and Google's do so every
8 or 10 s). Until then the pod answers what still comes. The Lease is given up at once.
*/}}
{{- define "feddns.config.embedded" -}}
listen:
  {{- range .root.Values.ipFamilies }}
  - {{ include "feddns.listen" (list . $.root.Values.ports.dns) | quote }}
  {{- end }}
file: {{ include "feddns.zoneFolder" . }}/{{ trimSuffix "." .zone }}.zone.sqlite
{{- if ne .root.Values.dns.service.type "ClusterIP" }}
lameduck: {{ sub .root.Values.terminationGracePeriodSeconds 5 | max 3 }}s
{{- end }}
{{- end -}}

{{/* A socket of IPv6 takes no IPv4, so each family has an address of its own. */}}
{{- define "feddns.listen" -}}
{{- if eq (first .) "IPv6" }}[::]{{ else }}0.0.0.0{{ end }}:{{ last . }}
{{- end -}}

{{/* The name that leads to every pod, the one that begins among them. */}}
{{- define "feddns.peers" -}}
{{ include "feddns.fullname" . }}-peers.{{ .Release.Namespace }}.svc
{{- end -}}

{{- define "feddns.port" -}}
{{- regexFind "[0-9]+$" . -}}
{{- end -}}

{{- define "feddns.zoneFolder" -}}
/var/lib/feddns
{{- end -}}

{{/* The settings of the provider `embedded`, where it is one of the providers; nothing otherwise. */}}
{{- define "feddns.embedded" -}}
{{- $dns := default dict (include "feddns.config" . | fromYaml).dns -}}
{{- range prepend (default list $dns.targets) $dns -}}
{{- with dig "embedded" "" (default dict .provider) }}{{ toYaml . }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* The member that is the cluster of the pods themselves, if there is one. */}}
{{- define "feddns.inCluster" -}}
{{- range (include "feddns.config" . | fromYaml).clusters -}}
{{- if .inCluster }}{{ toYaml . }}{{ end -}}
{{- end -}}
{{- end -}}

{{/*
What binds a process to its surroundings is read at its start alone: a change of it takes new pods, whatever `configReload`
says. feddns tells of such a change by the event `configuration needs restart`.
*/}}
{{- define "feddns.readAtStart" -}}
{{- $config := include "feddns.config" . | fromYaml -}}
{{- pick $config "web" "state" "leaderElection" "clusterSecrets" | toYaml }}
probing: {{ dig "health" "probing" dict $config | toJson }}
{{- end -}}
