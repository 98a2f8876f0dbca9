# Borg: reads without a lock, and keeps what it would write in the user's folders in scratch.
#
# shellcheck disable=SC2034,SC2154 # the parts of one script: each gives names that others use

# shellcheck disable=SC2016 # for awk
record='
  function record(   part) {
    if (sub(/^archive\t/, "")) { print "snapshot\t" $0; return }
    if (split($0, part, "\t") > 2 && part[1] == "-")
      take(part[2], substr($0, length(part[1] part[2]) + 3))
  }'

prepare() {
  if [ -n "$repository" ]; then BORG_REPO=$repository; fi
  settings=${BORG_CONFIG_DIR:-${XDG_CONFIG_HOME:-${BORG_BASE_DIR:-$HOME}/.config}/borg}
  BORG_KEYS_DIR=${BORG_KEYS_DIR:-$settings/keys}
  BORG_CONFIG_DIR=$scratch/state/config
  BORG_CACHE_DIR=$scratch/state/cache
  BORG_SECURITY_DIR=$scratch/state/security
  # Nobody can answer these questions, and nothing is written that would follow from them.
  BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes
  BORG_RELOCATED_REPO_ACCESS_IS_OK=yes
  export BORG_REPO BORG_KEYS_DIR BORG_CONFIG_DIR BORG_CACHE_DIR BORG_SECURITY_DIR
  export BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK BORG_RELOCATED_REPO_ACCESS_IS_OK
  if [ "$entrance" != /dev/null ]; then
    BORG_PASSPHRASE_FD=0
    export BORG_PASSPHRASE_FD
  fi
  step version
  tell "version $(borg --version 2>/dev/null | head -n 1)"
}

# The archive that is meant: "HOST <tab> START <tab> NAME".
find_archive() {
  start borg list --bypass-lock --last 1000 \
    --format '{hostname}{TAB}{start:%Y-%m-%dT%H:%M:%S.%f}{TAB}{name}{NL}' 4>"$scratch/archives"
  finish
  host=$host snapshot=$snapshot awk '
    BEGIN { FS = "\t"; host = ENVIRON["host"]; wanted = ENVIRON["snapshot"] }
    wanted == "latest" ? tolower($1) == tolower(host) : $3 == wanted { last = $0 }
    END { print last }' "$scratch/archives" >"$scratch/archive"
  archive=$(cat "$scratch/archive")
}

list() {
  find_archive
  if [ "$status" -ne 0 ] || [ -z "$archive" ]; then return; fi
  printf 'archive\t%s\n' "$archive" >&4
  archive=${archive##*"$tab"}
  start borg list --bypass-lock \
    --format '{type}{TAB}{size}{TAB}{path}{NL}' "::$archive"
  finish
}

restore() {
  set --
  while IFS=$tab read -r size path; do set -- "$@" "pp:$path"; done <"$scratch/sample"
  cd "$scratch/data" || fail no-scratch
  start borg extract --bypass-lock "::$archive" "$@"
  finish
  # A warning, as of an attribute that cannot be set: the files are looked at all the same.
  if [ "$status" -eq 1 ] || [ "$status" -ge 100 ]; then status=0; fi
  cd /
}
