{{/* Names, labels and images. Names without a prefix are those that a value may include, as the official chart has them. */}}

{{- define "airflow.fullname" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels of an object: root, component (may be empty), labels of the component's own. */}}
{{- define "airflow.labels" -}}
tier: airflow
{{- with .component }}
component: {{ . }}
{{- end }}
release: {{ .root.Release.Name }}
chart: "airflow-{{ .root.Chart.Version }}"
heritage: {{ .root.Release.Service }}
{{- with mustMergeOverwrite (dict) (.root.Values.labels | default dict) (.labels | default dict) }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What a selector goes by: never changes with the chart's version. */}}
{{- define "airflow.selector" -}}
tier: airflow
component: {{ .component }}
release: {{ .root.Release.Name }}
{{- with .set }}
worker-set: {{ . }}
{{- end }}
{{- end -}}

{{- define "airflow.podLabels" -}}
{{ include "airflow.selector" . }}
{{- with mustMergeOverwrite (dict) (.root.Values.labels | default dict) (.labels | default dict) }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Airflow's image. */}}
{{- define "airflow.image" -}}
{{- $image := .Values.images.airflow -}}
{{- $digest := $image.digest | default .Values.defaultAirflowDigest -}}
{{- $repository := $image.repository | default .Values.defaultAirflowRepository -}}
{{- if $digest -}}
{{ $repository }}@{{ $digest }}
{{- else -}}
{{ $repository }}:{{ $image.tag | default .Values.defaultAirflowTag }}
{{- end -}}
{{- end -}}

{{- define "airflow.podTemplateImage" -}}
{{- $image := .Values.images.pod_template -}}
{{- if or $image.repository $image.tag -}}
{{ $image.repository | default .Values.defaultAirflowRepository }}:{{ $image.tag | default .Values.defaultAirflowTag }}
{{- else -}}
{{ include "airflow.image" . }}
{{- end -}}
{{- end -}}

{{/* The service account of a component: root, component, account (its section of the values). */}}
{{- define "airflow.account" -}}
{{- if .account.create -}}
{{ .account.name | default (printf "%s-airflow-%s" (include "airflow.fullname" .root) .component) }}
{{- else -}}
{{ .account.name | default "default" }}
{{- end -}}
{{- end -}}

{{/* "true" or nothing. */}}
{{- define "airflow.is3" -}}
{{- if semverCompare ">=3.0.0-0" .Values.airflowVersion }}true{{ end -}}
{{- end -}}

{{- define "airflow.hasCelery" -}}
{{- if contains "Celery" .Values.executor }}true{{ end -}}
{{- end -}}

{{- define "airflow.hasLocal" -}}
{{- if contains "Local" .Values.executor }}true{{ end -}}
{{- end -}}

{{- define "airflow.hasPods" -}}
{{- if contains "Kubernetes" .Values.executor }}true{{ end -}}
{{- end -}}

{{- define "airflow.hasDagProcessor" -}}
{{- if kindIs "invalid" .Values.dagProcessor.enabled -}}
{{ include "airflow.is3" . }}
{{- else if .Values.dagProcessor.enabled }}true{{ end -}}
{{- end -}}

{{- define "airflow.web" -}}
{{- if include "airflow.is3" . }}api-server{{ else }}webserver{{ end -}}
{{- end -}}

{{- define "airflow_logs_no_quote" -}}
{{ .Values.airflowHome }}/logs
{{- end -}}

{{- define "airflow_logs" -}}
{{ include "airflow_logs_no_quote" . | quote }}
{{- end -}}

{{- define "airflow_dags_mount_path" -}}
{{ .Values.dags.mountPath | default (printf "%s/dags" .Values.airflowHome) }}
{{- end -}}

{{- define "airflow_dags" -}}
{{- if .Values.dags.gitSync.enabled -}}
{{ include "airflow_dags_mount_path" . }}/repo/{{ .Values.dags.gitSync.subPath }}
{{- else -}}
{{ include "airflow_dags_mount_path" . }}
{{- end -}}
{{- end -}}

{{- define "airflow_pod_template_file" -}}
{{ .Values.airflowHome }}/pod_templates
{{- end -}}

{{- define "airflow_config" -}}
{{ include "airflow.fullname" . }}-config
{{- end -}}

{{- define "dag_bundle_config_list" -}}
{{ .Values.dagProcessor.dagBundleConfigList | toJson }}
{{- end -}}

{{/* Whole CPUs of a quantity such as 2 or 1500m; 0 for none. */}}
{{- define "cpu_count" -}}
{{- $cpu := . | toString -}}
{{- if or (not .) (eq $cpu "") -}}
0
{{- else if hasSuffix "m" $cpu -}}
{{ divf (trimSuffix "m" $cpu | float64) 1000.0 | ceil | int }}
{{- else -}}
{{ $cpu | float64 | ceil | int }}
{{- end -}}
{{- end -}}

{{/* The path below which the pages are, from config.api.base_url or config.webserver.base_url; empty for none. */}}
{{- define "airflow.basePath" -}}
{{- $section := ternary "api" "webserver" (eq (include "airflow.is3" .) "true") -}}
{{- with (get (get .Values.config $section | default dict) "base_url") -}}
{{ (urlParse (tpl (toString .) $)).path | trimSuffix "/" }}
{{- end -}}
{{- end -}}

{{/* The host of config.webserver.base_url, without the port; empty for none. */}}
{{- define "airflow.baseHost" -}}
{{- with (.Values.config.webserver | default dict).base_url -}}
{{ regexReplaceAll ":[0-9]+$" (urlParse (tpl (toString .) $)).host "" }}
{{- end -}}
{{- end -}}

{{/*
The values of workers for one kind of them ("celery" or "kubernetes"): what stands in its own section wins over what
stands beside it. Prints the merged section.
*/}}
{{- define "airflow.workers" -}}
{{- $base := omit (deepCopy .root.Values.workers) "celery" "kubernetes" -}}
{{- include "airflow.overlay" (dict "onto" $base "from" (deepCopy (get .root.Values.workers .kind | default dict))) -}}
{{- with .set -}}
{{- include "airflow.overlay" (dict "onto" $base "from" (deepCopy .)) -}}
{{- end -}}
{{ toYaml $base }}
{{- end -}}

{{/* Puts what is given in ``from`` into ``onto``; what is empty there says nothing, false and 0 do. */}}
{{- define "airflow.overlay" -}}
{{- range $key, $value := .from -}}
{{- if kindIs "map" $value -}}
{{- $inner := get $.onto $key -}}
{{- if kindIs "map" $inner -}}
{{- include "airflow.overlay" (dict "onto" $inner "from" $value) -}}
{{- else if $value -}}
{{- $_ := set $.onto $key $value -}}
{{- end -}}
{{- else if or (kindIs "bool" $value) (kindIs "float64" $value) (kindIs "int64" $value) (kindIs "int" $value) $value -}}
{{- $_ := set $.onto $key $value -}}
{{- end -}}
{{- end -}}
{{- end -}}
