{{/* Pods of the long-running components: one shape, described by the parameters of "airflow.workload". */}}

{{- define "airflow.securityContext.pod" -}}
{{- $own := (get (.values.securityContexts | default dict) "pod") | default .values.securityContext -}}
{{- $own | default .root.Values.securityContexts.pod | default .root.Values.securityContext | default (dict "runAsUser" (int .root.Values.uid) "fsGroup" (int .root.Values.gid)) | toYaml -}}
{{- end -}}

{{- define "airflow.securityContext.container" -}}
{{- $none := dict "allowPrivilegeEscalation" false "capabilities" (dict "drop" (list "ALL")) -}}
{{- (get (.values.securityContexts | default dict) "container") | default .root.Values.securityContexts.containers | default $none | toYaml -}}
{{- end -}}

{{/* Where pods may run, as the component's section says, else the chart's. Apart is whether its pods avoid one node. */}}
{{- define "airflow.placement" -}}
{{- $root := .root -}}
{{- $apart := dict -}}
{{- if .apart -}}
{{- $term := dict "labelSelector" (dict "matchLabels" (dict "component" .component)) "topologyKey" "kubernetes.io/hostname" -}}
{{- $apart = dict "podAntiAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term))) -}}
{{- end -}}
{{- $all := dict
  "nodeSelector" (.values.nodeSelector | default $root.Values.nodeSelector)
  "affinity" (.values.affinity | default $root.Values.affinity | default $apart)
  "tolerations" (.values.tolerations | default $root.Values.tolerations)
  "topologySpreadConstraints" (.values.topologySpreadConstraints | default $root.Values.topologySpreadConstraints)
  "schedulerName" (.values.schedulerName | default $root.Values.schedulerName)
  "priorityClassName" .values.priorityClassName
  "runtimeClassName" .values.runtimeClassName
  "hostAliases" .values.hostAliases
  "imagePullSecrets" ($root.Values.imagePullSecrets | default (ternary (list (dict "name" $root.Values.registry.secretName)) list (not (empty $root.Values.registry.secretName))))
-}}
{{- range $key, $value := $all }}
{{- if $value }}
{{ dict $key $value | toYaml }}
{{- end }}
{{- end }}
{{- if kindIs "bool" $root.Values.enableServiceLinks }}
enableServiceLinks: {{ $root.Values.enableServiceLinks }}
{{- end }}
{{- end -}}

{{/* Waits until another has brought the database to this version. */}}
{{- define "airflow.waitForMigrations" -}}
- name: wait-for-airflow-migrations
  image: {{ include "airflow.image" .root }}
  imagePullPolicy: {{ .root.Values.images.airflow.pullPolicy }}
  securityContext:
    {{- include "airflow.securityContext.container" (dict "root" .root "values" (.values.waitForMigrations)) | nindent 4 }}
  args: ["airflow", "db", "check-migrations", "--migration-wait-timeout={{ .root.Values.images.migrationsWaitTimeout }}"]
  {{- include "airflow.environment" (dict "root" .root "own" .values.waitForMigrations.env) | nindent 2 }}
  resources:
    {{- .values.resources | default dict | toYaml | nindent 4 }}
  volumeMounts:
    {{- include "airflow.mounts.config" .root | nindent 4 }}
    {{- if and .logs .logsEarly }}
    {{- include "airflow.mounts.logs" .root | nindent 4 }}
    {{- end }}
    {{- with .root.Values.volumeMounts }}
    {{- tpl (toYaml .) $.root | nindent 4 }}
    {{- end }}
    {{- with .values.extraVolumeMounts }}
    {{- tpl (toYaml .) $.root | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "airflow.logGroomer" -}}
{{- $groomer := .values.logGroomerSidecar -}}
- name: {{ .component }}-log-groomer
  image: {{ include "airflow.image" .root }}
  imagePullPolicy: {{ .root.Values.images.airflow.pullPolicy }}
  securityContext:
    {{- include "airflow.securityContext.container" (dict "root" .root "values" $groomer) | nindent 4 }}
  {{- with $groomer.command }}
  command: {{ tpl (toJson .) $.root }}
  {{- end }}
  {{- with $groomer.args }}
  args: {{ tpl (toJson .) $.root }}
  {{- end }}
  env:
    - name: AIRFLOW_HOME
      value: {{ .root.Values.airflowHome }}
    - name: AIRFLOW__LOG_RETENTION_DAYS
      value: {{ $groomer.retentionDays | quote }}
    - name: AIRFLOW__LOG_RETENTION_MINUTES
      value: {{ $groomer.retentionMinutes | quote }}
    - name: AIRFLOW__LOG_CLEANUP_FREQUENCY_MINUTES
      value: {{ $groomer.frequencyMinutes | quote }}
    {{- with $groomer.env }}
    {{- tpl (toYaml .) $.root | nindent 4 }}
    {{- end }}
  resources:
    {{- $groomer.resources | default dict | toYaml | nindent 4 }}
  volumeMounts:
    {{- include "airflow.mounts.logs" .root | nindent 4 }}
    {{- with .root.Values.volumeMounts }}
    {{- tpl (toYaml .) $.root | nindent 4 }}
    {{- end }}
    {{- with .values.extraVolumeMounts }}
    {{- tpl (toYaml .) $.root | nindent 4 }}
    {{- end }}
{{- end -}}

{{/*
Parameters: root; component; values (its section); port {name, number}; probes (as YAML); logs, dags, podTemplate, jwt,
gitSync (whether it has them); ownLogs (logs in a claim of the StatefulSet); nothingToGroom; firstEnv.
*/}}
{{- define "airflow.pod" -}}
{{- $root := .root -}}
{{- $values := .values -}}
metadata:
  labels:
    {{- include "airflow.podLabels" (dict "root" $root "component" .component "set" .set "labels" $values.labels) | nindent 4 }}
  annotations:
    checksum/airflow-config: {{ include (print $root.Template.BasePath "/config.yaml") $root | sha256sum }}
    checksum/secrets: {{ include (print $root.Template.BasePath "/secrets.yaml") $root | sha256sum }}
    {{- if hasKey $values "safeToEvict" }}
    cluster-autoscaler.kubernetes.io/safe-to-evict: {{ $values.safeToEvict | quote }}
    {{- end }}
    {{- with mustMergeOverwrite (dict) ($root.Values.airflowPodAnnotations | default dict) ($values.podAnnotations | default dict) }}
    {{- tpl (toYaml .) $root | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "airflow.account" (dict "root" $root "component" (.name | default .component) "account" $values.serviceAccount) }}
  restartPolicy: Always
  {{- with $values.terminationGracePeriodSeconds }}
  terminationGracePeriodSeconds: {{ . }}
  {{- end }}
  {{- include "airflow.placement" (dict "root" $root "component" .component "values" $values "apart" (ne .component "flower")) | trim | nindent 2 }}
  securityContext:
    {{- include "airflow.securityContext.pod" . | nindent 4 }}
  {{- $wait := and $values.waitForMigrations $values.waitForMigrations.enabled }}
  {{- $git := and .gitSync .dags $root.Values.dags.gitSync.enabled (not $root.Values.dags.persistence.enabled) }}
  {{- if or $wait $git $values.extraInitContainers }}
  initContainers:
    {{- if $wait }}
    {{- include "airflow.waitForMigrations" . | nindent 4 }}
    {{- end }}
    {{- if $git }}
    {{- include "airflow.gitSync.container" (dict "root" $root "once" true) | nindent 4 }}
    {{- end }}
    {{- with $values.extraInitContainers }}
    {{- tpl (toYaml .) $root | nindent 4 }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .component }}
      image: {{ include "airflow.image" $root }}
      imagePullPolicy: {{ $root.Values.images.airflow.pullPolicy }}
      securityContext:
        {{- include "airflow.securityContext.container" . | nindent 8 }}
      {{- with $values.command }}
      command:
        {{- tpl (toYaml .) $root | nindent 8 }}
      {{- end }}
      {{- with $values.args }}
      args:
        {{- tpl (toYaml .) $.argsRoot | nindent 8 }}
      {{- end }}
      {{- include "airflow.environment" (dict "root" $root "first" .firstEnv "jwt" .jwt "own" $values.env) | nindent 6 }}
      {{- if or .port $values.extraPorts }}
      ports:
        {{- with .port }}
        - name: {{ .name }}
          containerPort: {{ .number }}
        {{- end }}
        {{- with $values.extraPorts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
      {{- with .probes }}
      {{- . | nindent 6 }}
      {{- end }}
      resources:
        {{- $values.resources | default dict | toYaml | nindent 8 }}
      {{- with $values.containerLifecycleHooks | default $root.Values.containerLifecycleHooks }}
      lifecycle:
        {{- tpl (toYaml .) $root | nindent 8 }}
      {{- end }}
      volumeMounts:
        {{- include "airflow.mounts" . | nindent 8 }}
    {{- if $git }}
    {{- include "airflow.gitSync.container" (dict "root" $root) | nindent 4 }}
    {{- end }}
    {{- if and $values.logGroomerSidecar $values.logGroomerSidecar.enabled (not .nothingToGroom) }}
    {{- include "airflow.logGroomer" . | nindent 4 }}
    {{- end }}
    {{- with $values.extraContainers }}
    {{- tpl (toYaml .) $root | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "airflow.volumes" . | nindent 4 }}
{{- end -}}

{{/* A Deployment, or with stateful a StatefulSet, around the pod; the same parameters, and name, strategy. */}}
{{- define "airflow.workload" -}}
{{- $root := .root -}}
{{- $values := .values -}}
{{- $name := printf "%s-%s" (include "airflow.fullname" $root) (.name | default .component) -}}
{{- $own := and .stateful .persistence .persistence.enabled (not $root.Values.logs.persistence.enabled) -}}
{{- $_ := set . "ownLogs" $own -}}
{{- $_ := set . "argsRoot" (.argsRoot | default $root) -}}
---
apiVersion: apps/v1
kind: {{ ternary "StatefulSet" "Deployment" (not (not .stateful)) }}
metadata:
  name: {{ $name }}
  labels:
    {{- include "airflow.labels" (dict "root" $root "component" .component) | nindent 4 }}
    {{- with .executorLabel }}
    executor: {{ . }}
    {{- end }}
  {{- with $values.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  replicas: {{ $values.replicas | default 1 }}
  {{- with $values.revisionHistoryLimit | default $root.Values.revisionHistoryLimit }}
  revisionHistoryLimit: {{ . }}
  {{- end }}
  {{- if .stateful }}
  serviceName: {{ $name }}
  {{- with $values.updateStrategy }}
  updateStrategy:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- else }}
  {{- with $values.strategy | default .strategy }}
  strategy:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "airflow.selector" . | nindent 6 }}
  template:
    {{- include "airflow.pod" . | nindent 4 }}
  {{- if $own }}
  volumeClaimTemplates:
    - apiVersion: v1
      kind: PersistentVolumeClaim
      metadata:
        name: logs
        {{- with .persistence.annotations }}
        annotations:
          {{- toYaml . | nindent 10 }}
        {{- end }}
      spec:
        {{- with .persistence.storageClassName }}
        storageClassName: {{ tpl . $root }}
        {{- end }}
        accessModes: ["ReadWriteOnce"]
        resources:
          requests:
            storage: {{ .persistence.size }}
  {{- end }}
{{- end -}}
