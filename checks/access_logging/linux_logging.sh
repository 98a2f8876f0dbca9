# Prints what records log-ins on this machine, and how long the records are kept, as far as any user
# may see it. Only reads; of log files it reads names, sizes and times, never their text.
# One record a line, its kind first; then "complete", and last "end N", with N the lines before it.

processes() {
  if ! read -r name 2>/dev/null </proc/1/comm; then echo 'hidden'; fi
  for folder in /proc/[0-9]*; do
    read -r name 2>/dev/null <"$folder/comm" || continue
    case $name in
      systemd-journal)
        # A process name has 15 letters at most; journald and its uploader differ behind them.
        case $(tr '\000' ' ' 2>/dev/null <"$folder/cmdline") in
          *systemd-journald*) echo 'process journald' ;;
          *systemd-journal-upload*) echo 'process journal-upload' ;;
        esac
        ;;
      rsyslogd | syslog-ng | syslogd | auditd | filebeat | promtail | alloy | grafana-agent | \
        fluent-bit | fluentd | td-agent | vector | vector-worker | wazuh-agentd | ossec-agentd | \
        splunkd | nxlog | metalog)
        printf 'process %s\n' "$name"
        ;;
    esac
  done
}

text() { # KIND PATTERN FILES...: those of their lines that fit and may be shown
  kind=$1
  pattern=$2
  shift 2
  for path; do
    if [ ! -f "$path" ]; then continue; fi
    if [ ! -r "$path" ]; then
      printf 'unreadable %s\n' "$path"
      continue
    fi
    printf '%s_file %s\n' "$kind" "$path"
    # A line that may hold a secret is left out; so are the names in an address.
    kind=$kind pattern=$pattern awk '
      { gsub(/\t/, " ") }
      /^ *([#;]|$)/ { next }
      tolower($0) ~ /pass|pwd|token|secret|credential|:om[a-tv-z]/ { next }
      $0 ~ ENVIRON["pattern"] { gsub(/:\/\/[^\/@ ]*@/, "://"); print ENVIRON["kind"] " " $0 }' "$path"
  done
}

journal() {
  text journald '^ *[A-Za-z]+ *=' /etc/systemd/journald.conf /usr/lib/systemd/journald.conf.d/*.conf \
    /run/systemd/journald.conf.d/*.conf /etc/systemd/journald.conf.d/*.conf
  if [ -e /var/log/journal ] && ! [ -r /var/log/journal ]; then
    echo 'unreadable /var/log/journal'
  fi
  read -r machine 2>/dev/null </etc/machine-id || return 0
  folder=/var/log/journal/$machine
  if [ ! -d "$folder" ]; then return 0; fi
  if [ ! -r "$folder" ]; then
    printf 'unreadable %s\n' "$folder"
    return 0
  fi
  # Born, last changed, size, name. Born is 0, "-" or "?" where the file system does not tell.
  printf 'journal_folder %s\n' "$(stat -c '%W' "$folder" 2>/dev/null)"
  for path in "$folder"/system*.journal "$folder"/system*.journal~; do
    if [ -e "$path" ]; then
      printf 'journal %s %s\n' "$(stat -c '%W %Y %s' "$path" 2>/dev/null)" "${path##*/}"
    fi
  done
}

files() {
  for path in /var/log/*; do
    if [ -f "$path" ]; then printf 'log %s %s\n' "$(stat -c '%Y %s' "$path")" "$path"; fi
  done
}

clock() {
  printf 'now %s\n' "$(date -u +%s)"
  # "timedatectl show" exists from systemd 239 on.
  { timedatectl show 2>/dev/null || timedatectl 2>/dev/null; } |
    awk '/NTPSynchronized=|NTP synchronized:|System clock synchronized:/ { print "clock " $0 }'
  if command -v chronyc >/dev/null 2>&1; then
    chronyc -c tracking 2>/dev/null | awk -F, 'NR == 1 { print "clock chrony " $NF }'
  fi
}

{
  processes
  journal
  text rsyslog '@|/var/log/|om(file|fwd|relp)|target=|[Ii]nclude|^[*a-z]' \
    /etc/rsyslog.conf /etc/rsyslog.d/*.conf
  text syslog_ng '(file|network|syslog|tcp|udp|remote)\(|@include' \
    /etc/syslog-ng/syslog-ng.conf /etc/syslog-ng/conf.d/*.conf
  text upload '^ *URL *=' \
    /etc/systemd/journal-upload.conf /etc/systemd/journal-upload.conf.d/*.conf
  text logrotate '[{}]|^ *["/]|^ *[a-z]+ *$|^ *(rotate|size|maxsize|minsize|maxage)[ =]' \
    /etc/logrotate.conf /etc/logrotate.d/*
  files
  clock
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
