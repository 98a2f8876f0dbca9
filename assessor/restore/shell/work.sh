# Restores a sample into a scratch folder, hashes it and what is live, and removes the folder.
#
# shellcheck disable=SC2034,SC2154 # the parts of one script: each gives names that others use
#
# The settings before it: mark, tool, repository, snapshot, host, samples, most_kb, most_files,
# count, seed, parent, scratch, against, env_file, password_file, secret. The tool's own part, read
# before this one, gives the functions prepare, list and restore, and the awk function record().

worker=$$
running=
tab=$(printf '\t')

fail() { # CODE [DETAIL]
  tell "fail $*"
  exit 1
}

# Watches from outside the worker's family, which whoever asked may kill as a whole. When nobody
# listens any more, the worker is ended; when the worker is gone, so is the folder.
guard() {
  trap '' HUP INT TERM PIPE
  while kill -0 "$worker" 2>/dev/null; do
    if ! tell . 2>/dev/null; then
      kill -TERM "$worker" 2>/dev/null
      left=20
      while [ "$left" -gt 0 ] && kill -0 "$worker" 2>/dev/null; do
        left=$((left - 1))
        sleep 1
      done
      kill -KILL "$worker" 2>/dev/null
      break
    fi
    sleep 1
  done
  if there "$scratch"; then remove >/dev/null 2>&1; fi
}

clean() {
  trap '' HUP INT TERM
  trap - EXIT
  if [ -n "$running" ]; then
    kill "$running" 2>/dev/null
    left=10
    while [ "$left" -gt 0 ] && kill -0 "$running" 2>/dev/null; do
      left=$((left - 1))
      sleep 1
    done
    kill -KILL "$running" 2>/dev/null
  fi
  remove
  if there "$scratch"; then tell "left"; else tell "removed"; fi
}

make_scratch() {
  step scratch
  if [ ! -d "$parent" ]; then fail no-parent; fi
  free=$(df -P -k "$parent" 2>/dev/null |
    awk 'NR == 2 { for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+%$/) print $(i - 1) }')
  # As much again stays free: the machine must not notice.
  if [ "${free:-0}" -lt $((most_kb * 2)) ]; then fail too-little-space "${free:-0}"; fi
  # The name holds 128 random bits, and mkdir takes no folder that is there: nobody can be ahead.
  trap 'exit 143' HUP INT TERM
  trap : PIPE
  (guard &)
  if ! mkdir -m 700 "$scratch"; then fail no-scratch; fi
  trap clean EXIT
  tell "made"
  mkdir "$scratch/data" "$scratch/state" || fail no-scratch
  mkfifo "$scratch/listing" "$scratch/secret" || fail no-scratch
  TMPDIR=$scratch/state
  export TMPDIR
}

# Takes what concerns backups from a file of NAME=value lines; nothing in it is executed.
load() {
  if [ ! -r "$1" ]; then fail no-env-file; fi
  ending=$(printf '\r')
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%"$ending"}
    line=${line#export }
    name=${line%%=*}
    case $name in
      *[!A-Z0-9_]*) continue ;;
      RESTIC_?* | BORG_?* | RCLONE_?* | AWS_?* | B2_?* | AZURE_?* | GOOGLE_?* | OS_?* | ST_?*) ;;
      *) continue ;;
    esac
    value=${line#*=}
    case $value in
      \"*\" | \'*\')
        value=${value#?}
        value=${value%?}
        ;;
    esac
    export "$name=$value"
  done <"$1"
}

unlock() {
  if [ -n "$env_file" ]; then load "$env_file"; fi
  entrance=/dev/null
  if [ -z "$secret$password_file" ]; then return; fi
  unset RESTIC_PASSWORD RESTIC_PASSWORD_FILE RESTIC_PASSWORD_COMMAND
  unset BORG_PASSPHRASE BORG_PASSCOMMAND RCLONE_CONFIG_PASS RCLONE_PASSWORD_COMMAND
  if [ -n "$secret" ]; then
    entrance=$scratch/secret
  elif [ -r "$password_file" ] && [ -f "$password_file" ]; then
    entrance=$password_file
  else
    fail no-password-file
  fi
}

# Starts a program that finds the secret on its standard input, and writes to descriptor 4.
start() { # WORD...
  # The builtin hands it over through a named pipe: it is in no process list and in no file.
  if [ "$entrance" = "$scratch/secret" ]; then printf '%s\n' "$secret" >"$entrance" & fi
  # No file can grow beyond what was announced, whatever the listing said (blocks of 512 bytes).
  (
    ulimit -f $((most_kb * 2 + 2048))
    if command -v nice >/dev/null 2>&1; then exec nice -n 10 "$@"; fi
    exec "$@"
  ) <"$entrance" >&4 &
  running=$!
}

finish() {
  wait "$running"
  status=$?
  running=
}

# An awk programme: of the records of a listing, those that were asked for, or some by chance.
choose='
  BEGIN {
    wanted = split(ENVIRON["samples"], sample, "\n")
    most = ENVIRON["most_kb"] * 1024
    srand(ENVIRON["seed"])
    keep = 200
  }
  function take(size, path,   amount, key, i) {
    amount = size + 0  # a piece of text until here, and compared as such
    key = path
    sub(/^(\.\/|\/)+/, "", key)
    if (path ~ /[\001-\037]/ || key ~ /(^|\/)\.\.?(\/|$)/ || key == "") { odd++; return }
    seen++
    if (!wanted) {
      if (amount < 1 || amount > most) return
      i = ++fit <= keep ? fit : int(rand() * fit) + 1
      if (i <= keep) candidate[i] = size "\t" path
      return
    }
    for (i = 1; i <= wanted; i++)
      if (key == sample[i] || index(key, sample[i] "/") == 1) {
        found[i] = 1
        files++
        bytes += amount
        if (files <= ENVIRON["most_files"] && bytes <= most) print "pick\t" size "\t" path
        return
      }
  }
  { record() }
  END {
    if (fit > keep) fit = keep
    for (i = fit; i > 0; i--) {
      other = int(rand() * i) + 1
      print "pick\t" candidate[other]
      candidate[other] = candidate[i]
    }
    for (i = 1; i <= wanted; i++) if (!found[i]) print "absent\t" sample[i]
    if (files > ENVIRON["most_files"] || bytes > most) printf "over\t%d %.0f\n", files, bytes
    printf "seen\t%d %d\n", seen, odd
  }'

# Reads a listing as it comes; whole listings of large backups would fill the scratch folder.
read_listing() {
  samples=$samples most_kb=$most_kb most_files=$most_files seed=$seed \
    awk "$record $choose" <"$scratch/listing" >"$scratch/picks" &
  reader=$!
}

tell_lines() { # KIND: what the reader noted of it
  awk -v kind="$1" 'BEGIN { FS = "\t" } $1 == kind { print substr($0, length(kind) + 2) }' \
    "$scratch/picks" | while IFS= read -r line; do tell "$1 $line"; done
}

pick() {
  step list
  read_listing
  exec 4>"$scratch/listing"
  list
  exec 4>/dev/null
  if ! wait "$reader"; then fail program 1; fi
  for kind in snapshot seen absent over; do tell_lines "$kind"; done
  if [ "$status" -ne 0 ]; then fail program "$status"; fi
  if [ "$tool" != rclone ] && ! grep -q '^snapshot' "$scratch/picks"; then fail no-snapshot; fi
  if grep -q '^over' "$scratch/picks"; then fail too-large; fi
  if grep -q '^absent' "$scratch/picks"; then fail absent; fi
  awk 'BEGIN { FS = "\t" } $1 == "pick" { print $2 "\t" $3 }' "$scratch/picks" >"$scratch/sample"
  if [ -z "$samples" ]; then draw; fi
  if ! awk '$1 > 0 { some = 1 } END { exit !some }' "$scratch/sample"; then fail empty; fi
  if [ -f "$against" ] && [ "$(awk 'END { print NR }' "$scratch/sample")" -gt 1 ]; then
    fail against-many
  fi
}

# Of what came up by chance, first what can be compared: what is live with the same size.
draw() {
  mv "$scratch/sample" "$scratch/drawn"
  : >"$scratch/sample"
  taken=0 weight=0
  while IFS=$tab read -r size path && [ "$taken" -lt "$count" ]; do
    locate "$path"
    if [ -f "$live" ] && [ ! -L "$live" ] && facts "$live" && [ "${known%% *}" = "$size" ]; then
      add
    else
      printf '%s\t%s\n' "$size" "$path" >>"$scratch/others"
    fi
  done <"$scratch/drawn"
  if [ ! -f "$scratch/others" ]; then return; fi
  while IFS=$tab read -r size path && [ "$taken" -lt "$count" ]; do add; done <"$scratch/others"
}

add() {
  if [ $((weight + size)) -gt $((most_kb * 1024)) ]; then return; fi
  taken=$((taken + 1))
  weight=$((weight + size))
  printf '%s\t%s\n' "$size" "$path" >>"$scratch/sample"
}

locate() { # PATH: where it was put back, and where it is live
  key=$1
  while :; do
    case $key in
      /*) key=${key#/} ;;
      ./*) key=${key#./} ;;
      *) break ;;
    esac
  done
  back=$scratch/data/$key
  if [ -f "$against" ]; then live=$against; else live=${against%/}/$key; fi
}

# Size, and the seconds since 1970 of the last change of content and of anything.
facts() {
  known=$(stat -c '%s %.6Y %.6Z' "$1" 2>/dev/null) || known=$(stat -f '%z %Fm %Fc' "$1" 2>/dev/null)
  case $known in
    '' | *[!0-9\ .]*) known=$(stat -c '%s %Y %Z' "$1" 2>/dev/null) ;;
  esac
  [ -n "$known" ]
}

hash() {
  digest=$(if command -v sha256sum >/dev/null; then sha256sum
    elif command -v shasum >/dev/null; then shasum -a 256
    else openssl dgst -sha256 -r; fi <"$1") || digest=
  digest=${digest%% *}
}

describe() { # PATH: facts and hash, or why there are none
  if [ ! -f "$1" ] || [ -L "$1" ]; then
    seen=absent
  elif [ ! -r "$1" ] || ! facts "$1"; then
    seen=unreadable
  else
    hash "$1"
    seen="$known $digest"
    if [ -z "$digest" ]; then seen=unreadable; fi
  fi
}

compare() {
  step compare
  if [ -f "$against" ]; then tell "against-file"; fi
  # What came back is ours to read, whatever rights it had.
  find "$scratch/data" -type d ! -perm -700 -exec chmod u+rwx {} \; 2>/dev/null
  while IFS=$tab read -r size path; do
    locate "$path"
    if [ -f "$back" ] && [ ! -L "$back" ] && [ ! -r "$back" ]; then chmod u+r "$back"; fi
    describe "$back"
    came=$seen
    describe "$live"
    tell "file $size|$came|$seen|$key"
  done <"$scratch/sample"
}

main() {
  head_line
  host=${host:-$(uname -n)}
  if ! command -v "$tool" >/dev/null 2>&1; then fail no-tool; fi
  if ! there "$against"; then fail no-against; fi
  make_scratch
  unlock
  prepare
  pick
  step restore
  restore
  if [ "$status" -ne 0 ]; then fail program "$status"; fi
  compare
  tell "done"
  exit 0
}
