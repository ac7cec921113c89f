{{/* Volumes and where containers have them. */}}

{{- define "airflow.mounts.config" -}}
- name: config
  mountPath: {{ .Values.airflowHome }}/airflow.cfg
  subPath: airflow.cfg
  readOnly: true
{{- if .Values.airflowLocalSettings }}
- name: config
  mountPath: {{ .Values.airflowHome }}/config/airflow_local_settings.py
  subPath: airflow_local_settings.py
  readOnly: true
{{- end }}
{{- end -}}

{{- define "airflow.mounts.logs" -}}
- name: logs
  mountPath: {{ include "airflow_logs_no_quote" . }}
{{- if and .Values.logs.persistence.enabled .Values.logs.persistence.subPath }}
  subPath: {{ .Values.logs.persistence.subPath }}
{{- end }}
{{- end -}}

{{- define "airflow.hasDags" -}}
{{- if or .Values.dags.persistence.enabled .Values.dags.gitSync.enabled }}true{{ end -}}
{{- end -}}

{{- define "airflow.mounts.dags" -}}
- name: dags
  mountPath: {{ include "airflow_dags_mount_path" . }}
{{- with .Values.dags.persistence.subPath }}
  subPath: {{ . }}
{{- end }}
  readOnly: {{ if .Values.dags.gitSync.enabled }}true{{ else }}false{{ end }}
{{- end -}}

{{/*
What the component's own container mounts: root, values (its section), logs, dags, podTemplate (whether it has them).
*/}}
{{- define "airflow.mounts" -}}
{{- $root := .root -}}
{{ include "airflow.mounts.config" $root }}
{{- if and .podTemplate (include "airflow.hasPods" $root) }}
- name: config
  mountPath: {{ include "airflow_pod_template_file" $root }}/pod_template_file.yaml
  subPath: pod_template_file.yaml
  readOnly: true
{{- end }}
{{- if .logs }}
{{ include "airflow.mounts.logs" $root }}
{{- end }}
{{- if and .dags (include "airflow.hasDags" $root) }}
{{ include "airflow.mounts.dags" $root }}
{{- end }}
{{- with .webConfig }}
- name: {{ .volume }}
  mountPath: {{ $root.Values.airflowHome }}/webserver_config.py
  subPath: webserver_config.py
  readOnly: true
{{- end }}
{{- with $root.Values.volumeMounts }}
{{ tpl (toYaml .) $root }}
{{- end }}
{{- with .values.extraVolumeMounts }}
{{ tpl (toYaml .) $root }}
{{- end }}
{{- end -}}

{{/* Volumes of the pod; ownLogs: logs come from a claim of the StatefulSet. */}}
{{- define "airflow.volumes" -}}
{{- $root := .root -}}
- name: config
  configMap:
    name: {{ include "airflow_config" $root }}
{{- if and .logs (not .ownLogs) }}
{{- if $root.Values.logs.persistence.enabled }}
- name: logs
  persistentVolumeClaim:
    claimName: {{ $root.Values.logs.persistence.existingClaim | default (printf "%s-logs" (include "airflow.fullname" $root)) }}
{{- else }}
- name: logs
  emptyDir: {}
{{- end }}
{{- end }}
{{- if and .dags (include "airflow.hasDags" $root) }}
{{- if $root.Values.dags.persistence.enabled }}
- name: dags
  persistentVolumeClaim:
    claimName: {{ $root.Values.dags.persistence.existingClaim | default (printf "%s-dags" (include "airflow.fullname" $root)) }}
{{- else }}
- name: dags
  emptyDir: {}
{{- end }}
{{- if $root.Values.dags.gitSync.enabled }}
{{ include "airflow.gitSync.volumes" $root }}
{{- end }}
{{- end }}
{{- with .webConfig }}
- name: {{ .volume }}
  configMap:
    name: {{ .configMap }}
{{- end }}
{{- with $root.Values.volumes }}
{{ tpl (toYaml .) $root }}
{{- end }}
{{- with .values.extraVolumes }}
{{ tpl (toYaml .) $root }}
{{- end }}
{{- end -}}
