{{/* Probes as their sections say. */}}

{{- define "airflow.probe.timing" -}}
{{ pick . "initialDelaySeconds" "timeoutSeconds" "failureThreshold" "periodSeconds" | toYaml }}
{{- end -}}

{{/* The three of a server: root, values, path, port, host (asked for). */}}
{{- define "airflow.probes.http" -}}
{{- range $name := list "livenessProbe" "readinessProbe" "startupProbe" }}
{{- $probe := get $.values $name }}
{{ $name }}:
  httpGet:
    path: {{ $.path }}
    port: {{ $.port }}
    scheme: {{ $probe.scheme | default "HTTP" }}
    {{- with $.host }}
    httpHeaders:
      - name: Host
        value: {{ . }}
    {{- end }}
  {{- include "airflow.probe.timing" $probe | nindent 2 }}
{{- end }}
{{- end -}}

{{/* By a command: root, values, names of the probes, check (a shell command where the section names none). */}}
{{- define "airflow.probes.exec" -}}
{{- range $name := .names }}
{{- $probe := get $.values $name }}
{{- if ne (toString $probe.enabled) "false" }}
{{ $name }}:
  exec:
    command:
      {{- if $probe.command }}
      {{- tpl (toYaml $probe.command) $.root | nindent 6 }}
      {{- else }}
      - sh
      - -c
      - {{ $.check | quote }}
      {{- end }}
  {{- include "airflow.probe.timing" $probe | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Asks the database for a fresh heartbeat of this pod. */}}
{{- define "airflow.jobsCheck" -}}
CONNECTION_CHECK_MAX_COUNT=0 AIRFLOW__LOGGING__LOGGING_LEVEL=ERROR exec /entrypoint airflow jobs check --local --job-type {{ . }}
{{- end -}}
