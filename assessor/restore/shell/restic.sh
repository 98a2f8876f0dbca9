# restic: reads without a lock and without a cache, so that nothing but the scratch folder changes.
#
# shellcheck disable=SC2034,SC2154 # the parts of one script: each gives names that others use

# shellcheck disable=SC2016 # for awk
record='
  function plain(text) {
    gsub(/\\u0026/, "\\&", text)
    gsub(/\\u003c/, "<", text)
    gsub(/\\u003e/, ">", text)
    gsub(/\\"/, "\"", text)
    return text
  }
  function record(   path, size) {
    if (/^[{].*"struct_type":"snapshot"/) {
      if (!head++) print "snapshot\t" $0
      return
    }
    if ($0 !~ /"type":"file"/ || !match($0, /"path":"([^"\\]|\\.)*"/)) return
    path = plain(substr($0, RSTART + 8, RLENGTH - 9))
    if (path ~ /\\/) { odd++; return }
    size = match($0, /"size":[0-9]+/) ? substr($0, RSTART + 7, RLENGTH - 7) : 0
    take(size, path)
  }'

prepare() {
  if [ -n "$repository" ]; then
    unset RESTIC_REPOSITORY_FILE
    RESTIC_REPOSITORY=$repository
    export RESTIC_REPOSITORY
  fi
  step version
  tell "version $(restic version 2>/dev/null | head -n 1)"
}

list() {
  if [ "$snapshot" = latest ]; then
    start restic ls --no-lock --no-cache --json --host "$host" latest
  else
    start restic ls --no-lock --no-cache --json "$snapshot"
  fi
  finish
}

restore() {
  id=$(sed -n 's/^snapshot\t.*"id":"\([0-9a-f]*\)".*/\1/p' "$scratch/picks")
  # Patterns of restic are those of Go's filepath.Match.
  awk 'BEGIN { FS = "\t" } { print $2 }' "$scratch/sample" | sed 's/[][\\*?]/\\&/g' >"$scratch/includes"
  set --
  while IFS= read -r path; do set -- "$@" --include "$path"; done <"$scratch/includes"
  start restic restore --no-lock --no-cache --quiet --verify \
    --target "$scratch/data" "$@" "$id"
  finish
}
