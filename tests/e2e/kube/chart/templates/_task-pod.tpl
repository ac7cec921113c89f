{{/* The pod that KubernetesExecutor starts for each task. */}}
{{- define "airflow.taskPod" -}}
{{- $values := include "airflow.workers" (dict "root" . "kind" "kubernetes") | fromYaml -}}
{{- $mounts := dict "root" . "values" $values "logs" true "dags" true -}}
{{- $git := and .Values.dags.gitSync.enabled (not .Values.dags.persistence.enabled) -}}
apiVersion: v1
kind: Pod
metadata:
  name: placeholder-name
  labels:
    {{- include "airflow.podLabels" (dict "root" . "component" "worker" "labels" $values.labels) | nindent 4 }}
  annotations:
    cluster-autoscaler.kubernetes.io/safe-to-evict: {{ $values.safeToEvict | quote }}
    {{- with mustMergeOverwrite (dict) (.Values.airflowPodAnnotations | default dict) ($values.podAnnotations | default dict) }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "airflow.account" (dict "root" . "component" "worker" "account" $values.serviceAccount) }}
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
  {{- include "airflow.placement" (dict "root" . "component" "worker" "values" $values) | trim | nindent 2 }}
  securityContext:
    {{- include "airflow.securityContext.pod" (dict "root" . "values" $values) | nindent 4 }}
  {{- if or $git $values.extraInitContainers }}
  initContainers:
    {{- if $git }}
    {{- include "airflow.gitSync.container" (dict "root" . "once" true) | nindent 4 }}
    {{- end }}
    {{- with $values.extraInitContainers }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
  {{- end }}
  containers:
    - name: base
      image: {{ include "airflow.podTemplateImage" . }}
      imagePullPolicy: {{ .Values.images.pod_template.pullPolicy }}
      securityContext:
        {{- include "airflow.securityContext.container" (dict "root" . "values" $values) | nindent 8 }}
      {{- with $values.command }}
      command:
        {{- tpl (toYaml .) $ | nindent 8 }}
      {{- end }}
      {{- include "airflow.environment" (dict "root" . "first" (list (dict "name" "AIRFLOW__CORE__EXECUTOR" "value" .Values.executor)) "own" $values.env) | nindent 6 }}
      resources:
        {{- $values.resources | default dict | toYaml | nindent 8 }}
      volumeMounts:
        {{- include "airflow.mounts" $mounts | nindent 8 }}
    {{- with $values.extraContainers }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "airflow.volumes" $mounts | nindent 4 }}
{{- end -}}
