{{/* A Git repository that is followed: once before the component starts, then beside it. */}}

{{- define "airflow.gitSync.keySecret" -}}
{{- with .Values.dags.gitSync -}}
{{- if .sshKeySecret -}}
{{ .sshKeySecret }}
{{- else if .sshKey -}}
{{ include "airflow.fullname" $ }}-ssh-secret
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "airflow.gitSync.volumes" -}}
{{- with include "airflow.gitSync.keySecret" . -}}
- name: git-sync-ssh-key
  secret:
    secretName: {{ . }}
    defaultMode: 288
{{- end }}
{{- with .Values.dags.gitSync.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Both spellings of each: git-sync 4 renamed them and still reads the old ones. */}}
{{- define "airflow.gitSync.pair" -}}
- name: GIT_SYNC_{{ .old | default .name }}
  value: {{ .value | quote }}
- name: GITSYNC_{{ .name }}
  value: {{ .value | quote }}
{{ end -}}

{{- define "airflow.gitSync.env" -}}
{{- $git := .root.Values.dags.gitSync -}}
- name: GIT_SYNC_REV
  value: {{ $git.rev | quote }}
- name: GITSYNC_REF
  value: {{ $git.ref | quote }}
- name: GIT_SYNC_BRANCH
  value: {{ $git.branch | quote }}
{{ include "airflow.gitSync.pair" (dict "name" "REPO" "value" $git.repo) -}}
{{ include "airflow.gitSync.pair" (dict "name" "DEPTH" "value" $git.depth) -}}
{{ include "airflow.gitSync.pair" (dict "name" "ROOT" "value" "/git") -}}
{{ include "airflow.gitSync.pair" (dict "name" "LINK" "old" "DEST" "value" "repo") -}}
{{ include "airflow.gitSync.pair" (dict "name" "ADD_USER" "value" "true") -}}
{{- if $git.wait -}}
{{ include "airflow.gitSync.pair" (dict "name" "WAIT" "value" $git.wait) -}}
{{- end -}}
- name: GITSYNC_PERIOD
  value: {{ $git.period | quote }}
{{ include "airflow.gitSync.pair" (dict "name" "MAX_FAILURES" "old" "MAX_SYNC_FAILURES" "value" $git.maxFailures) -}}
{{- if include "airflow.gitSync.keySecret" .root -}}
- name: GIT_SSH_KEY_FILE
  value: /etc/git-secret/ssh
- name: GITSYNC_SSH_KEY_FILE
  value: /etc/git-secret/ssh
{{ include "airflow.gitSync.pair" (dict "name" "SSH" "value" "true") -}}
{{- if $git.knownHosts -}}
- name: GIT_KNOWN_HOSTS
  value: "true"
- name: GITSYNC_SSH_KNOWN_HOSTS
  value: "true"
- name: GIT_SSH_KNOWN_HOSTS_FILE
  value: /etc/git-secret/known_hosts
- name: GITSYNC_SSH_KNOWN_HOSTS_FILE
  value: /etc/git-secret/known_hosts
{{ else -}}
- name: GIT_KNOWN_HOSTS
  value: "false"
- name: GITSYNC_SSH_KNOWN_HOSTS
  value: "false"
{{ end -}}
{{- else if $git.credentialsSecret -}}
{{- range list "GIT_SYNC_USERNAME" "GITSYNC_USERNAME" "GIT_SYNC_PASSWORD" "GITSYNC_PASSWORD" -}}
{{ include "airflow.env.from" (dict "name" . "secret" $git.credentialsSecret "key" .) }}
{{- end -}}
{{- end -}}
{{- if .once -}}
{{ include "airflow.gitSync.pair" (dict "name" "ONE_TIME" "value" "true") -}}
{{- else -}}
{{ include "airflow.gitSync.pair" (dict "name" "HTTP_BIND" "value" (printf ":%v" $git.httpPort)) -}}
{{- end -}}
{{- with $git.env }}{{ toYaml . }}
{{ end -}}
{{- end -}}

{{/* One item of a list of containers: root, once (true for the init container). */}}
{{- define "airflow.gitSync.container" -}}
{{- $git := .root.Values.dags.gitSync -}}
{{- $image := .root.Values.images.gitSync -}}
- name: {{ $git.containerName }}{{ if .once }}-init{{ end }}
  image: {{ $image.repository }}:{{ $image.tag }}
  imagePullPolicy: {{ $image.pullPolicy }}
  securityContext:
    {{- ($git.securityContexts).container | default (dict "runAsUser" (int $git.uid)) | toYaml | nindent 4 }}
  {{- with $git.envFrom }}
  envFrom:
    {{- tpl . $.root | nindent 4 }}
  {{- end }}
  env:
    {{- include "airflow.gitSync.env" . | trim | nindent 4 }}
  {{- if not .once }}
  {{- range $name := list "startupProbe" "readinessProbe" "livenessProbe" }}
  {{- $probe := get $git $name | default dict }}
  {{- if get $probe "enabled" }}
  {{ $name }}:
    httpGet:
      path: /
      port: {{ $git.httpPort }}
    {{- omit $probe "enabled" | toYaml | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- end }}
  resources:
    {{- $git.resources | default dict | toYaml | nindent 4 }}
  volumeMounts:
    - name: dags
      mountPath: /git
    {{- if include "airflow.gitSync.keySecret" .root }}
    - name: git-sync-ssh-key
      mountPath: /etc/git-secret/ssh
      subPath: gitSshKey
      readOnly: true
    {{- if $git.knownHosts }}
    - name: config
      mountPath: /etc/git-secret/known_hosts
      subPath: known_hosts
      readOnly: true
    {{- end }}
    {{- end }}
    {{- with $git.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
