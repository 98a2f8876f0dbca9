# Prints how old the things are that stand in each path it is given: a folder (a Maildir too), an mbox
# or a log with its rotated files. Only reads; prints days and counts, never a name within a folder, an
# address or a line of text. One record a line, its kind first; then "complete", and last "end N",
# with N the lines before it.

MOST=200000     # entries of all folders together
MOST_MAIL=200000000 # bytes of one mbox

# What Dovecot and Courier keep beside the messages of a Maildir says nothing of the age of mail.
walk() {
  if find /dev/null -printf x >/dev/null 2>&1; then
    find -H "$1" ! -name 'dovecot-*' ! -name 'dovecot.index*' ! -name 'maildir[fs]*' \
      ! -name 'courierimap*' -printf '%y %T@\n' 2>/dev/null
  else
    # busybox; "regular file" and "symbolic link" begin with other letters than find's own.
    find -H "$1" ! -name 'dovecot-*' ! -name 'dovecot.index*' ! -name 'maildir[fs]*' \
      ! -name 'courierimap*' -exec stat -c '%F %Y' {} + 2>/dev/null
  fi
  echo "status $?"
}

# Not with -xdev: what is mounted within the folder is kept as well.
folder() {
  printf 'folder\n'
  walk "$1" | awk -v most="$left" '
    $1 == "status" { status = $2; next }
    NR > most { over = 1; exit }
    $1 == "d" || $1 == "directory" { next }
    $1 == "l" || $1 == "symbolic" { links++; next }
    # Times before 1970 are rounded up, to 0: no such day is believed in any case.
    { days[int($NF / 86400)]++ }
    END {
      for (day in days) print "day " day " " days[day]
      if (links) print "links " links
      print (over ? "over" : status == "0" ? "whole" : "partly") " " NR
    }'
}

mbox() {
  printf 'mbox\n'
  head -c "$MOST_MAIL" "$1" | awk -v size="$(stat -Lc %s "$1")" -v most="$MOST_MAIL" '
    function keep() { if (date != "") dates[date]++; date = "" }
    BEGIN { months = "JanFebMarAprMayJunJulAugSepOctNovDec" }
    /^From / && (NR == 1 || blank) {
      # From SENDER Mon Jan  5 10:00:00 2026; some write a time zone before or after the year. A line
      # within a message that begins so has no such date.
      n = split($0, word, " ")
      found = "none"
      for (i = 3; i <= 5 && i + 2 <= n; i++) {
        month = index(months, word[i + 1])
        if (month % 3 == 1 && length(word[i + 1]) == 3 && word[i + 2] ~ /^[0-9][0-9]?$/) {
          for (j = i + 3; j <= n; j++) if (word[j] ~ /^[12][0-9][0-9][0-9]$/) {
            found = sprintf("%s-%02d-%02d", word[j], (month + 2) / 3, word[i + 2])
            break
          }
          break
        }
      }
      if (found != "none" || NR == 1) {
        keep()
        messages++
        date = found
        head = 1
      }
    }
    # What a mail program keeps in the first message is no mail.
    head && /^Subject: DON.T DELETE THIS MESSAGE/ { date = "" }
    { blank = ($0 == "") ; if (blank) head = 0 }
    END {
      keep()
      for (date in dates) if (date != "") print "date " date " " dates[date]
      print (size > most ? "over" : "whole") " " messages + 0
    }'
}

text() { # FILE: its text, whatever packed it
  case $1 in
    *.gz) gzip -dc "$1" ;;
    *.xz) xz -dc "$1" ;;
    *.bz2) bzip2 -dc "$1" ;;
    *.zst) zstd -dcq "$1" ;;
    *) cat "$1" ;;
  esac 2>/dev/null
}

# The first line with a time, of the file that was written to longest ago.
log() {
  printf 'log\n'
  base=$1
  set -- "$base"
  for path in "$base".[0-9]* "$base"-[0-9]*; do
    if [ -s "$path" ]; then set -- "$@" "$path"; fi
  done
  if [ $# -gt 1 ] && [ ! -s "$base" ]; then shift; fi
  oldest=$(stat -Lc '%Y %n' "$@" | sort -n | head -n 1)
  written=${oldest%% *}
  path=${oldest#* }
  printf 'written %s\n' "$((written / 86400))"
  if [ ! -s "$path" ]; then
    printf 'whole 0\n'
  elif [ ! -r "$path" ]; then
    printf 'closed %s\n' $#
  else
    text "$path" | awk '
      function is(pattern) { return match(line, pattern) }
      NR > 50 { exit }
      {
        line = substr($0, 1, 60)
        if (is("[12][0-9][0-9][0-9][-/][01][0-9][-/][0-3][0-9]")) date = substr(line, RSTART, RLENGTH)
        else if (is("[0-3][0-9]/[A-Z][a-z][a-z]/[12][0-9][0-9][0-9]:")) date = substr(line, RSTART, 11)
        else if (is("^[A-Z][a-z][a-z] [ 0-3][0-9] [0-2][0-9]:")) date = substr(line, 1, 6)
        else if (is("^1[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][. ]")) date = substr(line, 1, 10)
        else if (is("audit\\(1[0-9]*\\.")) date = substr(line, RSTART + 6, 10)
        else next
        print "first " date
        exit
      }'
    printf 'whole %s\n' $#
  fi
}

missing() { # whether we could have seen it
  above=$1
  while [ ! -e "$above" ]; do
    case $above in
      */*) above=${above%/*} ;;
      *) above=. ;;
    esac
    if [ -z "$above" ]; then above=/; fi
  done
  [ -d "$above" ] && [ -x "$above" ]
}

look() {
  if [ ! -e "$1" ]; then
    for path in "$1".[0-9]* "$1"-[0-9]*; do
      # Between two rotations there may be no file of the plain name.
      if [ -f "$path" ]; then
        log "$1"
        return
      fi
    done
    if missing "$1"; then echo 'missing'; else echo 'closed'; fi
  elif [ ! -r "$1" ]; then
    echo 'closed'
  elif [ -d "$1" ]; then
    if [ -x "$1" ]; then folder "$1"; else echo 'closed'; fi
  elif [ ! -f "$1" ]; then
    echo 'other'
  else
    case $(head -c 5 "$1" | tr -d '\000') in
      'From ') mbox "$1" ;;
      *) log "$1" ;;
    esac
  fi
}

# Jobs and settings that name the path and remove things: one of them may be what clears it.
cleaners() {
  grep -lsF -e "$1" -e "${1%/*}/*" /etc/crontab /etc/cron.d/* /etc/cron.daily/* /etc/cron.weekly/* \
    /etc/cron.monthly/* /etc/logrotate.d/* /etc/tmpfiles.d/* /etc/systemd/system/*.service |
    while read -r job; do
      case $job in
        /etc/logrotate.d/* | /etc/tmpfiles.d/*) ;;
        *) grep -qsE '(^|[^a-z])(-delete|rm|unlink|shred|tmpreaper|tmpwatch|expunge) ?' "$job" || continue ;;
      esac
      printf 'cleaner %s\n' "$job"
    done
}

{
  printf 'now %s\n' "$(($(date -u +%s) / 86400))"
  left=$MOST
  for path; do
    printf 'path %s\n' "$path"
    found=$(look "$path")
    printf '%s\n' "$found"
    case $found in
      folder*) left=$((left - ${found##* })) ;;
    esac
    cleaners "$path"
  done
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
