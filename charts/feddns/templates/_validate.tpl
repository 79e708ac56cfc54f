{{/*
What a schema cannot say: each refusal tells what would be right.
*/}}
{{- define "feddns.validate" -}}
{{- $config := .Values.config -}}
{{- $name := include "feddns.fullname" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- fail (printf "the objects would be called %s, which is no name for a Service: lower-case letters, digits and hyphens, beginning with a letter (RFC 1035); set fullnameOverride, such as `--set fullnameOverride=feddns`" $name) -}}
{{- end -}}
{{- if not $config.federation -}}
{{- fail "config.federation is missing: the federation's name, a DNS label that stands in every name, such as `--set config.federation=myfederation`" -}}
{{- end -}}
{{- $dns := default dict $config.dns -}}
{{- if not (or (and $dns.zone $dns.provider) $dns.targets) -}}
{{- fail "config.dns needs a zone and a provider, such as `dns: {zone: example.com, provider: {route53: {}}}`, or a list of targets" -}}
{{- end -}}
{{- if not (or $config.clusters $config.clusterSecrets .Values.discoverClusters) -}}
{{- fail "there are no clusters to watch: list them in config.clusters, or set discoverClusters to true" -}}
{{- end -}}
{{- if and $dns.targets (or $dns.zone $dns.provider) -}}
{{- fail "config.dns has targets beside a zone and a provider: put these into the list as well" -}}
{{- end -}}
{{- $embedded := 0 -}}
{{- range prepend (default list $dns.targets) $dns -}}
{{- if hasKey (default dict .provider) "embedded" }}{{ $embedded = add1 $embedded }}{{ end -}}
{{- end -}}
{{- if gt $embedded 1 -}}
{{- fail "config.dns.targets has the provider `embedded` more than once, but a DNS Service has one port 53: install one release for each embedded zone" -}}
{{- end -}}
{{- range .Values.secretMounts -}}
{{- if or (eq .mountPath "/etc/feddns") (hasPrefix "/etc/feddns/" .mountPath) -}}
{{- fail (printf "secretMounts: %s cannot be mounted at %s, as /etc/feddns is the read-only folder of the configuration; take a path such as /etc/feddns-secrets/%s" .secret .mountPath .secret) -}}
{{- end -}}
{{- end -}}
{{- end -}}
