{{/* The environment of Airflow's containers. */}}

{{/* Names of the secrets, the given ones or those of secrets.yaml. */}}
{{- define "airflow.secret.fernet" -}}
{{ .Values.fernetKeySecretName | default (printf "%s-fernet-key" (include "airflow.fullname" .)) }}
{{- end -}}
{{- define "airflow.secret.metadata" -}}
{{ .Values.data.metadataSecretName | default (printf "%s-metadata" (include "airflow.fullname" .)) }}
{{- end -}}
{{- define "airflow.secret.api" -}}
{{ .Values.apiSecretKeySecretName | default (printf "%s-api-secret-key" (include "airflow.fullname" .)) }}
{{- end -}}
{{- define "airflow.secret.jwt" -}}
{{ .Values.jwtSecretName | default (printf "%s-jwt-secret" (include "airflow.fullname" .)) }}
{{- end -}}
{{- define "airflow.secret.webserver" -}}
{{ .Values.webserverSecretKeySecretName | default (printf "%s-webserver-secret-key" (include "airflow.fullname" .)) }}
{{- end -}}
{{- define "airflow.secret.broker" -}}
{{ .Values.data.brokerUrlSecretName | default (printf "%s-broker-url" (include "airflow.fullname" .)) }}
{{- end -}}
{{- define "airflow.secret.result" -}}
{{ .Values.data.resultBackendSecretName | default (printf "%s-result-backend" (include "airflow.fullname" .)) }}
{{- end -}}
{{- define "airflow.secret.redis" -}}
{{ .Values.redis.passwordSecretName | default (printf "%s-redis-password" (include "airflow.fullname" .)) }}
{{- end -}}

{{- define "airflow.env.from" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{ end -}}

{{/*
A list: root; first (a list of what stands before all); jwt (whether it may sign tokens); own (the component's env);
plain (true: nothing that the user adds); ownAlone (true: of what the user adds only own).
*/}}
{{- define "airflow.env" -}}
{{- $root := .root -}}
{{- $on := $root.Values.enableBuiltInSecretEnvVars -}}
{{- with .first }}{{ toYaml . }}
{{ end -}}
- name: AIRFLOW_HOME
  value: {{ $root.Values.airflowHome }}
{{ if $on.AIRFLOW__CORE__FERNET_KEY -}}
{{ include "airflow.env.from" (dict "name" "AIRFLOW__CORE__FERNET_KEY" "secret" (include "airflow.secret.fernet" $root) "key" "fernet-key") }}
{{- end -}}
{{- if $on.AIRFLOW__DATABASE__SQL_ALCHEMY_CONN -}}
{{ include "airflow.env.from" (dict "name" "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" "secret" (include "airflow.secret.metadata" $root) "key" "connection") }}
{{- end -}}
{{- if $on.AIRFLOW_CONN_AIRFLOW_DB -}}
{{ include "airflow.env.from" (dict "name" "AIRFLOW_CONN_AIRFLOW_DB" "secret" (include "airflow.secret.metadata" $root) "key" "connection") }}
{{- end -}}
{{- if include "airflow.is3" $root -}}
{{- if $on.AIRFLOW__API__SECRET_KEY -}}
{{ include "airflow.env.from" (dict "name" "AIRFLOW__API__SECRET_KEY" "secret" (include "airflow.secret.api" $root) "key" "api-secret-key") }}
{{- end -}}
{{- if and .jwt $on.AIRFLOW__API_AUTH__JWT_SECRET -}}
{{ include "airflow.env.from" (dict "name" "AIRFLOW__API_AUTH__JWT_SECRET" "secret" (include "airflow.secret.jwt" $root) "key" "jwt-secret") }}
{{- end -}}
{{- else if $on.AIRFLOW__WEBSERVER__SECRET_KEY -}}
{{ include "airflow.env.from" (dict "name" "AIRFLOW__WEBSERVER__SECRET_KEY" "secret" (include "airflow.secret.webserver" $root) "key" "webserver-secret-key") }}
{{- end -}}
{{- if include "airflow.hasCelery" $root -}}
{{- if and $on.AIRFLOW__CELERY__RESULT_BACKEND (or $root.Values.data.resultBackendSecretName $root.Values.data.resultBackendConnection) -}}
{{ include "airflow.env.from" (dict "name" "AIRFLOW__CELERY__RESULT_BACKEND" "secret" (include "airflow.secret.result" $root) "key" "connection") }}
{{- end -}}
{{- if $on.AIRFLOW__CELERY__BROKER_URL -}}
{{ include "airflow.env.from" (dict "name" "AIRFLOW__CELERY__BROKER_URL" "secret" (include "airflow.secret.broker" $root) "key" "connection") }}
{{- end -}}
{{- end -}}
{{- if .ownAlone -}}
{{- with .own }}{{ tpl (toYaml .) $root }}
{{ end -}}
{{- else if not .plain -}}
{{- with $root.Values.env }}{{ tpl (toYaml .) $root }}
{{ end -}}
{{- range $root.Values.secret -}}
{{ include "airflow.env.from" (dict "name" .envName "secret" .secretName "key" (.secretKey | default "value")) }}
{{- end -}}
{{- with .own }}{{ tpl (toYaml .) $root }}
{{ end -}}
{{- with $root.Values.extraEnv }}{{ tpl . $root }}
{{ end -}}
{{- end -}}
{{- end -}}

{{/* envFrom and env of one container; the same parameters. */}}
{{- define "airflow.environment" -}}
{{- if not .plain }}
{{- with .root.Values.extraEnvFrom }}
envFrom:
  {{- tpl . $.root | nindent 2 }}
{{- end }}
{{- end }}
env:
  {{- include "airflow.env" . | trim | nindent 2 }}
{{- end -}}
