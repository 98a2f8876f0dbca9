# Prints what makes backups on this machine, when it last succeeded, and where the backups go, as far
# as any user may see it. Only reads; never opens a backup, and leaves out lines that may hold a
# password. One record a line, its kind first; then "complete", and last "end N", with N the lines
# before it.

tools='restic|resticprofile|autorestic|rustic|borg|borgmatic|rsnapshot|duplicity|duply|rclone|kopia'
tools="$tools|rdiff-backup|proxmox-backup-client|backupninja|tarsnap|pgbackrest|barman"
# Timers of the distributions that have nothing to do with backups of data.
others='^(apt-daily|dpkg-db-backup|e2scrub|fstrim|logrotate|man-db|systemd-|motd-news|fwupd|ua-timer'
others="$others|update-notifier|phpsessionclean|certbot|anacron|sysstat|rsync[.])"
calls="(^|[^a-z])($tools|rsync)([^a-z]|\$)"
words="$calls|backup|back-up"
secret='[a-z_-]*(pass|pwd|secret|token|credential|_key|apikey|account_id)[a-z_-]*[= ]+'
secret="$secret(\"[^\"]*\"|'[^']*'|[^ ]+)"

# A function for awk: prints the paths in a line, each once.
take_paths='
  function take(line,   count, words, i) {
    gsub(/::[^ ]*/, "", line)
    gsub(/file:\/\//, "", line)
    count = split(line, words, /[] =:;,"{}[\047]+/)
    for (i = 1; i <= count; i++)
      if (words[i] ~ /^\/./ && !(words[i] in taken) && ++told <= 200) {
        taken[words[i]] = 1
        print words[i]
      }
  }'

paths() { # PATTERN: the paths in those lines of standard input that fit
  pattern=$1 awk "$take_paths"' $0 ~ ENVIRON["pattern"] { take($0) }'
}

mask() { # the records of standard input, with what may be a secret left out
  secret=$secret awk '
    !/^(timer|service|cron|user_timer|script_line|config_line|listing_line|rsnapshot|bacula) / {
      print
      next
    }
    {
      kind = $1
      $0 = substr($0, length(kind) + 2)
      gsub(/\t/, " ")
      gsub(/\r/, "")
      gsub(/:\/\/[^\/@ ]*@/, "://")
      gsub(/ -p[^ -][^ ]*/, " -p(left_out)")
      gsub(/[Bb]earer +[^ "]+/, "(left_out)")
      gsub(/ (-u|--user) +[^ ]*:[^ ]*/, " -u (left_out)")
      while (match(tolower($0), ENVIRON["secret"]))
        $0 = substr($0, 1, RSTART - 1) "(left_out)" substr($0, RSTART + RLENGTH)
      print kind " " $0
    }'
}

installed() {
  for name in $(IFS='|'; echo $tools) \
    veeamconfig bareos-fd bacula-fd urbackupclientctl duplicati-cli acronis_mms; do
    if command -v "$name" >/dev/null 2>&1; then printf 'tool %s\n' "$name"; fi
  done
  # Programs by which a server fetches backups from here.
  for folder in /proc/[0-9]*; do
    read -r name 2>/dev/null <"$folder/comm" || continue
    case $name in
      bacula-fd | bareos-fd | urbackupclientb | veeamservice | acronis_mms | dsmcad | nbdisco | \
        amandad)
        printf 'agent %s\n' "$name"
        ;;
    esac
  done
}

units() {
  # Without a systemd that runs, systemctl reads all its files to tell nothing.
  if [ ! -d /run/systemd/system ]; then return 0; fi
  all=$(systemctl list-unit-files --type=timer,service --no-legend --no-pager 2>/dev/null)
  timers=$(printf '%s\n' "$all" | awk '$1 ~ /\.timer$/ { print $1 }')
  if [ -z "$timers" ]; then return 0; fi
  echo 'systemd'
  # shellcheck disable=SC2086 # unit names hold no spaces
  shown=$(systemctl show --no-pager \
    -p Id,Unit,ActiveState,UnitFileState,LastTriggerUSec,NextElapseUSecRealtime $timers 2>/dev/null)
  printf '%s\n' "$shown" | awk '{ print "timer " $0 }'
  services=$(printf '%s\n' "$all
$shown" | words=$words others=$others awk '
    /^Unit=/ { name = substr($0, 6) }
    !/=/ { name = $1; if (name !~ /\.service$/ || tolower(name) !~ ENVIRON["words"]) next }
    name != "" && name !~ /@\./ && name !~ ENVIRON["others"] && !seen[name]++ { print name }
    { name = "" }')
  # shellcheck disable=SC2086
  systemctl show --no-pager -p Id,LoadState,ActiveState,UnitFileState,Result,ExecMainStatus \
    -p ExecMainStartTimestamp,ExecMainExitTimestamp,ExecStart,EnvironmentFiles,Environment \
    $services 2>/dev/null | awk '
      !/^Environment=/ { print "service " $0; next }
      {
        count = split(substr($0, 13), parts, " ")
        for (i = 1; i <= count; i++)
          if (sub(/^"?(RESTIC_REPOSITORY|BORG_REPO)=/, "", parts[i]))
            print "service Repository=" parts[i]
      }'
}

# Timers of other people: what they start can be read at times, how it ended never.
user_timers() {
  for path in /home/*/.config/systemd/user/*.timer /root/.config/systemd/user/*.timer; do
    unit=${path%.timer}.service
    if [ -f "$path" ] && [ -f "$unit" ] && [ -r "$unit" ]; then
      words=$words awk -v path="$path" '
        sub(/^ExecStart *= */, "") && tolower($0) ~ ENVIRON["words"] {
          print "user_timer " path " " $0 }' "$unit"
    fi
  done
}

is_shell() { # PATH: whether it is a shell script that may be read
  if [ ! -f "$1" ] || [ ! -r "$1" ]; then return 1; fi
  read -r start 2>/dev/null <"$1" || return 1
  case $start in
    '#!'*sh | '#!'*'sh '*) return 0 ;;
    *) return 1 ;;
  esac
}

speaking() { # of the paths on standard input, those of shell scripts that call a backup program
  while IFS= read -r path; do
    if is_shell "$path"; then printf '%s\n' "$path"; fi
  done | calls=$calls awk '{
    while ((getline line <$0) > 0)
      if (line ~ /^[^#]/ && tolower(line) ~ ENVIRON["calls"]) {
        print
        break
      }
    close($0)
  }'
}

cron() {
  set --
  for path in /etc/crontab /etc/anacrontab /etc/cron.d/*; do
    if [ ! -f "$path" ]; then continue; fi
    if [ -r "$path" ]; then
      set -- "$@" "$path"
    else
      printf 'unreadable %s\n' "$path"
    fi
  done
  tables=$(
    if [ $# -gt 0 ]; then awk '/^ *[^# ]/ { print FILENAME " " $0 }' "$@"; fi
    crontab -l 2>/dev/null | awk '/^ *[^# ]/ { print "crontab " $0 }'
  )
  # A line counts that names a backup or a backup program, or a script that calls such a program.
  scripts=$(printf '%s\n' "$tables" | awk "$take_paths"' { sub(/^[^ ]* /, ""); take($0) }' | speaking)
  printf '%s\n' "$tables" | scripts=$scripts words=$words awk '
    BEGIN { count = split(ENVIRON["scripts"], script, "\n") }
    {
      line = substr($0, index($0, " ") + 1)
      hit = tolower(line) ~ ENVIRON["words"]
      for (i = 1; i <= count && !hit; i++) hit = script[i] != "" && index(line, script[i])
      if (hit) print "cron " $0
    }'
  set --
  for path in /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/* \
    /etc/periodic/*/*; do
    if [ ! -x "$path" ] || [ ! -f "$path" ]; then continue; fi
    if [ -r "$path" ]; then
      set -- "$@" "$path"
    else
      printf 'unreadable %s\n' "$path"
    fi
  done
  printf '%s\n' "$@" | speaking | awk '{ print "cron " $0 " " $0 }'
}

scripts() { # of the shell scripts on standard input, the lines that matter, and what stops them
  while IFS= read -r path; do
    if is_shell "$path"; then printf '%s\n' "$path"; fi
  done | calls=$calls awk '{
    print "script " $0
    last = told = ""
    while ((getline line <$0) > 0) {
      if (line ~ /^#!.* -[a-z]*e/ || line ~ /^ *set +-[a-z]*e/ || line ~ /^ *set +-o +errexit/) {
        print "script_line errexit"
        continue
      }
      if (line ~ /^ *(#|$)/) continue
      last = line
      if (tolower(line) ~ ENVIRON["calls"] || line ~ /REPOSITORY=|BORG_REPO=/ ||
        line ~ /^ *(\.|source) \//) {
        print "script_line text " line
        told = line
      }
    }
    close($0)
    if (last == told) print "script_line last"
  }'
}

configs() { # of the settings files on standard input, the lines that name a destination or a period
  while IFS= read -r path; do
    if [ ! -f "$path" ]; then continue; fi
    if [ -r "$path" ]; then
      printf '%s\n' "$path"
    else
      printf 'unreadable %s\n' "$path"
    fi
  done | awk '/^unreadable / { print; next } {
    print "config " $0
    inside = 0
    while ((getline line <$0) > 0) {
      if (line ~ /^ *(#|$)/) continue
      wanted = 0
      if (line ~ /^ *repositories:/) {
        inside = 1
        match(line, /^ */)
        depth = RLENGTH
        wanted = 1
      } else if (inside && line ~ /^ *- /) {
        wanted = 1
      } else {
        if (inside) {
          match(line, /^ */)
          if (RLENGTH <= depth && line !~ /^ *(path|label):/) inside = 0
        }
        wanted = (inside && line ~ /^ *path:/) ||
          line ~ /^ *(export +)?(RESTIC_REPOSITORY|BORG_REPO|TARGET|repository|snapshot_root)[ \t=:]/ ||
          line ~ /^ *(repo[0-9]*-(path|host|type|s3-bucket|s3-endpoint|sftp-host|azure-container|gcs-bucket|cipher-type|retention-full)|retain|interval|MAX_AGE|MAX_FULL_BACKUPS|GPG_KEY)[ \t=]/ ||
          line ~ /^ *keep_(last|within|hourly|daily|weekly|monthly|yearly):/ ||
          line ~ /^ *-? *(name|frequency):/ || line ~ /^ *(checks|consistency):/
      }
      if (wanted) print "config_line " line
    }
    close($0)
  }'
}

places() { # of the folders on standard input, on which file system and disk each stands
  while IFS= read -r path; do
    # One by one: df leaves out a line for a folder that it cannot ask.
    df -P "$path" 2>/dev/null | {
      read -r _
      read -r source _ _ _ _ mount || exit 0
      outside=no
      if [ -e "/sys/class/block/${source##*/}" ]; then
        case $(readlink -f "/sys/class/block/${source##*/}" 2>/dev/null) in */usb*) outside=yes ;; esac
      fi
      printf '%s\t%s %s %s\n' "$mount" "$outside" "$source" "$path"
    }
  done | awk -F '\t' '
    BEGIN {
      while ((getline line <"/proc/mounts") > 0) {
        split(line, part, " ")
        kind[part[2]] = part[3]
      }
    }
    { print "place " (kind[$1] == "" ? "unknown" : kind[$1]) " " $2 }'
}

repository() { # PATH: whether a repository of a known kind is there, and its newest backup
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
  elif [ -d "$1/rdiff-backup-data" ]; then
    # While a backup runs there are two of these; the older one names the last that ended.
    for mark in "$1"/rdiff-backup-data/current_mirror.*; do
      mark=${mark##*/current_mirror.}
      printf 'repository_time rdiff-backup %s %s\n' "${mark%%.*}" "$1"
      break
    done
  else
    # A manifest is written when the backup is whole.
    for mark in "$1"/duplicity-full.*.manifest* "$1"/duplicity-inc.*.to.*.manifest*; do
      if [ ! -f "$mark" ]; then continue; fi
      mark=${mark##*/}
      case $mark in *.gpg) sealed=gpg ;; *) sealed=plain ;; esac
      mark=${mark%%.manifest*}
      printf '%s %s\n' "${mark##*.}" "$sealed"
    done | sort | tail -n 1 | while read -r newest sealed; do
      printf 'repository_time duplicity-%s %s %s\n' "$sealed" "$newest" "$1"
    done
  fi
}

traces() {
  if [ -r /var/log/rsnapshot.log ]; then
    tail -n 400 /var/log/rsnapshot.log |
      awk '/rsnapshot [^ ]+: (completed|ERROR)/ { print "rsnapshot " $0 }'
  elif [ -e /var/log/rsnapshot.log ]; then
    echo 'unreadable /var/log/rsnapshot.log'
  fi
  # What a director of Bacula or Bareos on this machine notes of the backups it makes.
  for path in /var/log/bacula/bacula.log /var/log/bacula/log /var/log/bareos/bareos.log; do
    if [ -r "$path" ]; then
      tail -n 4000 "$path" | awk -v path="$path" '
        /^ +(Job|Client|End time|Termination):/ { print "bacula " path " " $0 }' | tail -n 200
    elif [ -e "$path" ]; then
      printf 'unreadable %s\n' "$path"
    fi
  done
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
      head -c 65536 "$path" | awk '{ print "listing_line " $0 }'
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
  user_timers
  cron
  printf '%s\n' /etc/restic.env /etc/restic.conf /etc/restic/* /etc/default/restic* \
    /etc/sysconfig/restic* /etc/resticprofile/* /etc/autorestic.y*ml /etc/borgmatic/*.yaml \
    /etc/borgmatic.d/*.yaml /etc/rsnapshot.conf /etc/duply/*/conf /etc/default/borg* \
    /etc/pgbackrest.conf /etc/pgbackrest/pgbackrest.conf | configs
}

# The scripts and settings that the first part names.
second() {
  printf '%s\n' "$found" | paths '^(service ExecStart=|cron |user_timer )' | scripts
  printf '%s\n' "$found" | paths '^service EnvironmentFiles=' | configs
}

# The repositories that both name.
third() {
  folders=$(printf '%s\n' "$found" |
    paths '^(service (ExecStart|Repository)=|cron |user_timer |script_line |config_line )' |
    while IFS= read -r path; do
      path=${path%/}
      if [ -n "$path" ] && [ -d "$path" ]; then printf '%s\n' "$path"; fi
    done)
  printf '%s\n' "$folders" / | awk 'NF' | places
  if [ -z "$folders" ]; then return 0; fi
  printf '%s\n' "$folders" | while IFS= read -r path; do repository "$path"; done
}

found=$(first | mask)
found="$found
$(second | mask)"
{
  printf '%s\n' "$found"
  third
  traces | mask
  echo complete
} | awk 'NF { print; last = $0; count++ } END { if (last == "complete") print "end " count }'
