# Prints what makes backups on this machine, when it last succeeded, and where the backups go, as far
# as any user may see it. Only reads; never opens a backup, and leaves out lines that may hold a
# password. One record a line, its kind first; then "complete", and last "end N", with N the lines
# before it.

tools='restic|resticprofile|autorestic|rustic|borg|borgmatic|rsnapshot|duplicity|duply|rclone|kopia'
tools="$tools|rdiff-backup|proxmox-backup-client|backupninja|tarsnap|pgbackrest|barman"
# Timers of the distributions that have nothing to do with backups of data.
others='^(apt-daily|dpkg-db-backup|e2scrub|fstrim|logrotate|man-db|systemd-|motd-news|fwupd|ua-timer'
others="$others|update-notifier|phpsessionclean|certbot|anacron|sysstat|rsync\.)"
calls="(^|[^a-z])($tools|rsync)([^a-z]|\$)"
words="$calls|backup|back-up"
secret='[a-z_-]*(pass|pwd|secret|token|credential|_key|apikey|account_id)[a-z_-]*[= ]+'
secret="$secret(\"[^\"]*\"|'[^']*'|[^ ]+)"

installed() {
  for name in $(printf '%s' "$tools" | tr '|' ' ') \
    veeamconfig bareos-fd bacula-fd urbackupclientctl duplicati-cli acronis_mms; do
    if command -v "$name" >/dev/null 2>&1; then printf 'tool %s\n' "$name"; fi
  done
}

masked() { # KIND: the lines of standard input under that kind, with what may be a secret left out
  kind=$1 secret=$secret awk '
    {
      gsub(/\t/, " ")
      gsub(/\r/, "")
      gsub(/:\/\/[^\/@ ]*@/, "://")
      gsub(/ -p[^ -][^ ]*/, " -p(left_out)")
      gsub(/[Bb]earer +[^ "]+/, "(left_out)")
      gsub(/ (-u|--user) +[^ ]*:[^ ]*/, " -u (left_out)")
      while (match(tolower($0), ENVIRON["secret"]))
        $0 = substr($0, 1, RSTART - 1) "(left_out)" substr($0, RSTART + RLENGTH)
      print ENVIRON["kind"] " " $0
    }'
}

paths() { # the words of standard input that begin with a slash, each once
  sed 's/::[^ ]*//g; s|file://||g' |
    awk '{ gsub(/[] =:;,"{}[\047]+/, "\n"); print }' | grep '^/.' | sort -u | head -n 200
}

units() {
  if ! command -v systemctl >/dev/null 2>&1; then return 0; fi
  timers=$(systemctl list-unit-files --type=timer --no-legend --no-pager 2>/dev/null | awk '{ print $1 }')
  if [ -z "$timers" ]; then return 0; fi
  echo 'systemd'
  # shellcheck disable=SC2086 # unit names hold no spaces
  shown=$(systemctl show --no-pager \
    -p Id,Unit,ActiveState,UnitFileState,LastTriggerUSec,NextElapseUSecRealtime $timers 2>/dev/null)
  printf '%s\n' "$shown" | masked timer
  services=$(
    {
      printf '%s\n' "$shown" | awk -F= '$1 == "Unit" { print $2 }'
      systemctl list-unit-files --type=service --no-legend --no-pager 2>/dev/null |
        awk -v words="$words" 'tolower($1) ~ words { print $1 }'
    } | grep -v '@\.' | grep -vE "$others" | sort -u
  )
  # shellcheck disable=SC2086
  systemctl show --no-pager -p Id,LoadState,ActiveState,UnitFileState,Result,ExecMainStatus \
    -p ExecMainStartTimestamp,ExecMainExitTimestamp,ExecStart,EnvironmentFiles,Environment \
    $services 2>/dev/null | awk '
      !/^Environment=/ { print; next }
      {
        count = split(substr($0, 13), parts, " ")
        for (i = 1; i <= count; i++)
          if (sub(/^"?(RESTIC_REPOSITORY|BORG_REPO)=/, "", parts[i])) print "Repository=" parts[i]
      }' | masked service
}

is_shell() { # PATH: whether it is a shell script that may be read
  if [ ! -f "$1" ] || [ ! -r "$1" ]; then return 1; fi
  read -r start 2>/dev/null <"$1" || return 1
  case $start in
    '#!'*sh | '#!'*'sh '*) return 0 ;;
    *) return 1 ;;
  esac
}

speaks() { # PATH: whether a shell script calls a backup program
  is_shell "$1" && awk -v words="$calls" '
    /^[^#]/ && tolower($0) ~ words { found = 1 } END { exit !found }' "$1"
}

cron_lines() { # NAME: of the lines of standard input, those that make backups, or run what does
  awk '/^ *[^# ]/' | while IFS= read -r line; do
    hit=$(printf '%s\n' "$line" | awk -v words="$words" 'tolower($0) ~ words { print "yes" }')
    if [ -z "$hit" ]; then
      hit=$(printf '%s\n' "$line" | paths | while IFS= read -r path; do
        if speaks "$path"; then echo yes; fi
      done)
    fi
    if [ -n "$hit" ]; then printf '%s\n' "$line"; fi
  done | masked "cron $1"
}

cron() {
  for path in /etc/crontab /etc/anacrontab /etc/cron.d/*; do
    if [ ! -f "$path" ]; then continue; fi
    if [ ! -r "$path" ]; then
      printf 'unreadable %s\n' "$path"
      continue
    fi
    # shellcheck disable=SC2094 # the path is only a name there; nothing is written
    cron_lines "$path" <"$path"
  done
  for path in /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/* \
    /etc/periodic/*/*; do
    if [ -x "$path" ] && [ -f "$path" ]; then
      if [ ! -r "$path" ]; then
        printf 'unreadable %s\n' "$path"
      elif speaks "$path"; then
        printf 'cron %s %s\n' "$path" "$path"
      fi
    fi
  done
  crontab -l 2>/dev/null | cron_lines crontab
}

script() { # PATH: of a shell script, the lines that matter, and whether an error stops it
  if ! is_shell "$1"; then return 0; fi
  printf 'script %s\n' "$1"
  awk -v words="$calls" '
    /^#!.* -[a-z]*e/ || /^ *set +-[a-z]*e/ || /^ *set +-o +errexit/ { print "errexit"; next }
    /^ *(#|$)/ { next }
    { last = $0 }
    tolower($0) ~ words || /REPOSITORY=|BORG_REPO=/ || /^ *(\.|source) \// { print "text " $0; told = $0 }
    END { if (last == told) print "last" }' "$1" | masked script_line
}

config() { # PATH: of a settings file, the lines that name a destination
  if [ ! -f "$1" ]; then return 0; fi
  if [ ! -r "$1" ]; then
    printf 'unreadable %s\n' "$1"
    return 0
  fi
  printf 'config %s\n' "$1"
  awk '
    /^ *(#|$)/ { next }
    /^ *repositories:/ { inside = 1; match($0, /^ */); depth = RLENGTH; print; next }
    inside && /^ *- / { print; next }
    inside { match($0, /^ */); if (RLENGTH <= depth && $0 !~ /^ *(path|label):/) inside = 0 }
    inside && /^ *path:/ { print; next }
    /^ *(export +)?(RESTIC_REPOSITORY|BORG_REPO|TARGET|repository|snapshot_root)[ \t=:]/ { print }
    /^ *-? *(name|frequency):/ || /^ *(checks|consistency):/ { print }' "$1" | masked config_line
}

settings() {
  for path in /etc/restic.env /etc/restic.conf /etc/restic/* /etc/default/restic* \
    /etc/sysconfig/restic* /etc/resticprofile/* /etc/autorestic.y*ml /etc/borgmatic/*.yaml \
    /etc/borgmatic.d/*.yaml /etc/rsnapshot.conf /etc/duply/*/conf /etc/default/borg*; do
    config "$path"
  done
}

repository() { # PATH: whether a repository of a known kind is there, and its newest snapshot
  if [ ! -d "$1" ]; then return 0; fi
  place "$1"
  if [ ! -r "$1" ] || [ ! -x "$1" ]; then
    printf 'unreadable %s\n' "$1"
  elif [ -f "$1/config" ] && [ -d "$1/snapshots" ] && [ -d "$1/keys" ]; then
    if [ -r "$1/snapshots" ] && [ -x "$1/snapshots" ]; then
      # A snapshot is a file that is named by its hash, written when the backup is whole.
      find "$1/snapshots" -type f -exec stat -c '%Y %n' {} + 2>/dev/null |
        awk -v path="$1" '
          { name = $0; sub(/.*\//, "", name) }
          length(name) == 64 { count++; if ($1 > newest) newest = $1 }
          END { printf "repository restic %d %d %s\n", count, newest, path }'
    else
      printf 'unreadable %s/snapshots\n' "$1"
    fi
  elif [ -f "$1/config" ] && [ -d "$1/data" ] && grep -q '^\[repository\]' "$1/config" 2>/dev/null; then
    # Each change of a Borg repository, not only a backup, writes a new index.
    newest=$(stat -c '%Y' "$1"/index.* 2>/dev/null | sort -n | tail -n 1)
    printf 'repository borg 0 %s %s\n' "${newest:-0}" "$1"
  fi
}

place() { # PATH: on which file system and disk it stands
  df -P "$1" 2>/dev/null | awk -v path="$1" 'NR == 2 { print $1 " " $NF }' | {
    read -r source mount || return 0
    kind=$(awk -v mount="$mount" '$2 == mount { kind = $3 } END { print kind }' /proc/mounts)
    name=${source##*/}
    outside=no
    case $(readlink -f "/sys/class/block/$name" 2>/dev/null) in */usb*) outside=yes ;; esac
    printf 'place %s %s %s %s\n' "${kind:-unknown}" "$outside" "$source" "$1"
  }
}

traces() {
  if [ -r /var/log/rsnapshot.log ]; then
    tail -n 400 /var/log/rsnapshot.log | grep -E 'rsnapshot [^ ]+: (completed|ERROR)' |
      masked rsnapshot
  elif [ -e /var/log/rsnapshot.log ]; then
    echo 'unreadable /var/log/rsnapshot.log'
  fi
  for home in "${HOME:-/nonexistent}" /root; do
    for path in "$home"/.local/state/borgmatic/checks/*/* "$home"/.local/state/borgmatic/checks/*/*/* \
      "$home"/.borgmatic/checks/*/* "$home"/.borgmatic/checks/*/*/*; do
      if [ -f "$path" ]; then printf 'borgmatic_check %s %s\n' "$(stat -c '%Y' "$path")" "${path##*/checks/}"; fi
    done
  done
  # What the machine's own jobs may leave for us: listings of their backups (traces.py), and files
  # restored from a backup, with the hashes that they had when they were made (restores.py).
  for path in /var/lib/assess/backups/*.json; do
    if [ -f "$path" ] && [ -r "$path" ]; then
      printf 'listing %s %s\n' "$(stat -c '%u %a %Y' "$path")" "$path"
      head -c 65536 "$path" | masked listing_line
    fi
  done
  path=/var/lib/assess/canary/SHA256SUMS
  if [ -f "$path" ] && [ -r "$path" ]; then
    printf 'canaries %s\n' "$(stat -c '%u %a' "$path")"
    head -c 65536 "$path" | awk 'length($1) == 64 { print "canary " $1 }'
  fi
  for path in /var/lib/assess/restored/*; do
    if [ -f "$path" ] && [ -r "$path" ]; then
      printf 'restored %s %s\n' "$(stat -c '%Z' "$path")" \
        "$(head -c 1048576 "$path" | sha256sum | awk '{ print $1 }')"
    fi
  done
}

first() {
  printf 'now %s\n' "$(date -u +%s)"
  awk '{ printf "uptime %d\n", $1 }' /proc/uptime
  printf 'host %s\n' "$(uname -n)"
  installed
  units
  cron
  settings
}

# The scripts and settings that the first part names.
second() {
  printf '%s\n' "$found" | grep -E '^(service ExecStart=|cron )' | paths |
    while IFS= read -r path; do
      if [ -f "$path" ] && [ -r "$path" ]; then script "$path"; fi
    done
  printf '%s\n' "$found" | grep '^service EnvironmentFiles=' | paths |
    while IFS= read -r path; do config "$path"; done
}

# The repositories that both name.
third() {
  printf '%s\n' "$found" |
    grep -E '^(service (ExecStart|Repository)=|cron |script_line |config_line )' | paths |
    while IFS= read -r path; do repository "${path%/}"; done
  place /
}

found=$(first)
found="$found
$(second)"
{
  printf '%s\n' "$found"
  third
  traces
  echo complete
} | awk 'NF { print; last = $0; count++ } END { if (last == "complete") print "end " count }'
