# Prints what records log-ins on this machine, how long the records are kept and what keeps the clock
# right, as far as any user may see it. Only reads; of log files it reads names, sizes and times, and
# of the first line of a log its time stamp, never their text.
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
      syslogd)
        # The one of busybox and of sysklogd have their settings in their arguments.
        printf 'process syslogd\nsyslogd %s\n' "$(tr '\000' ' ' 2>/dev/null <"$folder/cmdline")"
        ;;
      busybox)
        case $(tr '\000' ' ' 2>/dev/null <"$folder/cmdline") in
          *syslogd*)
            printf 'process syslogd\nsyslogd %s\n' "$(tr '\000' ' ' 2>/dev/null <"$folder/cmdline")"
            ;;
          *ntpd*) echo 'time_process ntpd' ;;
        esac
        ;;
      rsyslogd | syslog-ng | auditd | filebeat | promtail | alloy | grafana-agent | fluent-bit | \
        fluentd | td-agent | vector | vector-worker | wazuh-agentd | ossec-agentd | splunkd | \
        nxlog | metalog)
        printf 'process %s\n' "$name"
        ;;
      chronyd | ntpd | ntpd-rs | openntpd | systemd-timesyn | ptp4l | phc2sys | vmtoolsd | \
        VBoxService | xe-daemon)
        printf 'time_process %s\n' "$name"
        ;;
    esac
  done
}

# Asks for each file on its command line: "KIND=PATTERN" sets what the files after it are and which
# of their lines are shown. A line that may hold a secret is left out; so are the names in an address.
settings() {
  awk 'BEGIN {
    for (i = 1; i < ARGC; i++) {
      path = ARGV[i]
      if (path !~ /^\//) {
        at = index(path, "=")
        kind = substr(path, 1, at - 1)
        pattern = substr(path, at + 1)
        continue
      }
      if (path ~ /\*/) continue
      told = 0
      while ((got = (getline line <path)) > 0) {
        if (!told) { print kind "_file " path; told = 1 }
        gsub(/\t/, " ", line)
        if (line ~ /^ *([#;]|$)/) continue
        if (tolower(line) ~ /pass|pwd|token|secret|credential|:om[a-tv-z]/) continue
        if (line !~ pattern) continue
        gsub(/:\/\/[^\/@ ]*@/, "://", line)
        print kind " " line
      }
      if (got == 0 && !told) print kind "_file " path
      if (got < 0 && !told) print "maybe_unreadable " path
      close(path)
    }
  }' "$@" 2>/dev/null | while IFS= read -r line; do
    case $line in
      "maybe_unreadable "*)
        # awk says the same of a file that is not there, and of a folder.
        path=${line#* }
        if [ -f "$path" ] && ! [ -r "$path" ]; then printf 'unreadable %s\n' "$path"; fi
        ;;
      *) printf '%s\n' "$line" ;;
    esac
  done
}

journal() {
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
  stat -c '%W %Y %s %n' "$folder"/system*.journal "$folder"/system*.journal~ 2>/dev/null |
    awk '{ name = $4; sub(/.*\//, "", name); print "journal " $1, $2, $3, name }'
}

files() {
  stat -c '%F:%Y %s %n' /var/log/* 2>/dev/null |
    awk -F: '/^regular/ { sub(/^[^:]*:/, ""); print "log " $0 }'
  # The time stamp of the oldest line, where this user may read the file.
  awk 'BEGIN {
    day = "[0-9][0-9]"
    for (i = 1; i < ARGC; i++) {
      if ((getline line <ARGV[i]) > 0 &&
        (match(line, "^" day day "-" day "-" day "T" day ":" day ":" day "[^ ]*") ||
          match(line, /^[A-Z][a-z][a-z] [ 0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]/)))
        print "first " ARGV[i] " " substr(line, 1, RLENGTH)
      close(ARGV[i])
    }
  }' /var/log/auth.log /var/log/secure /var/log/authlog /var/log/messages 2>/dev/null
}

# When the first log-in record was made: utmp(5). Its time is in the bytes 340 to 343 of a record
# where the C library keeps 32 bits for it, and from byte 344 on where it keeps 64.
login_records() {
  for path in /var/log/wtmp.1 /var/log/wtmp; do
    if [ -s "$path" ] && [ -r "$path" ]; then
      printf 'wtmp %s %s\n' "$path" \
        "$(od -A n -t d4 -j 340 -N 8 "$path" 2>/dev/null | tr -s ' \n' '  ')"
    fi
  done
  # Its place differs between distributions.
  if [ -s /var/log/wtmp.db ] || [ -s /var/lib/wtmpdb/wtmp.db ]; then
    wtmpdb last -n 1 --time-format iso 2>/dev/null | awk '/ begins / { print "wtmpdb " $NF }'
  fi
}

clock() {
  printf 'now %s\n' "$(date -u +%s)"
  for path in /.dockerenv /run/.containerenv /run/systemd/container /proc/user_beancounters; do
    if [ -e "$path" ]; then echo 'container'; fi
  done
  # "timedatectl show" exists from systemd 239 on.
  if command -v timedatectl >/dev/null 2>&1; then
    { timedatectl show 2>/dev/null || timedatectl 2>/dev/null; } |
      awk '/NTPSynchronized=|NTP synchronized:|System clock synchronized:/ { print "clock " $0 }'
  elif command -v busybox >/dev/null 2>&1; then
    # Without arguments it only reads.
    busybox adjtimex 2>/dev/null | awk '/ status: / { print "clock kernel " $NF }'
  fi
  if command -v chronyc >/dev/null 2>&1; then
    # A chronyd that follows nothing but the machine itself has 7F7F0101 for a source.
    chronyc -c tracking 2>/dev/null |
      awk -F, 'NR == 1 { print "clock chrony " ($1 == "7F7F0101" ? "local" : $NF) }'
  fi
  if command -v ntpq >/dev/null 2>&1; then
    ntpq -pn 2>/dev/null | awk '/^[*o]/ { peer = 1 } END { if (NR) print "clock ntpq " (peer + 0) }'
  fi
}

{
  processes
  journal
  settings 'journald=^ *[A-Za-z]+ *=' /etc/systemd/journald.conf \
    /usr/lib/systemd/journald.conf.d/*.conf /run/systemd/journald.conf.d/*.conf \
    /etc/systemd/journald.conf.d/*.conf \
    'rsyslog=@|/var/log/|om(file|fwd|relp)|(target|[Ff]ile) *=|[Ii]nclude|^[*a-z]' \
    /etc/rsyslog.conf /etc/rsyslog.d/*.conf \
    'syslog_ng=.' /etc/syslog-ng/syslog-ng.conf /etc/syslog-ng/conf.d/*.conf \
    'syslog_conf=^[*a-z]' /etc/syslog.conf /etc/syslog.d/*.conf \
    'upload=^ *URL *=' \
    /etc/systemd/journal-upload.conf /etc/systemd/journal-upload.conf.d/*.conf \
    'logrotate=[{}]|^ *["/]|^ *[a-z]+ *$|^ *(rotate|size|maxsize|minsize|maxage)[ =]' \
    /etc/logrotate.conf /etc/logrotate.d/*
  files
  login_records
  clock
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
