# Leaves the record of a proven restore where the check of backups looks for it. Root only: what
#
# shellcheck disable=SC2034,SC2154 # the parts of one script: each gives names that others use
# another account leaves there counts for nothing. The settings before it: mark, place, name, line.

safe() { # PATH: a folder of root that nobody else can write in
  [ -d "$1" ] && [ ! -L "$1" ] && [ -z "$(find "$1" -prune \( ! -user 0 -o -perm -020 -o -perm -002 \))" ]
}

keep() {
  umask 022
  for folder in "$place" "$place/canary" "$place/restored"; do
    mkdir -p "$folder" || return
    if ! safe "$folder"; then
      echo "$folder can be written by others than root" >&2
      return 1
    fi
  done
  sums=$place/canary/SHA256SUMS
  if there "$sums" && [ -n "$(find "$sums" -prune \( ! -type f -o ! -user 0 -o -perm -020 -o -perm -002 \))" ]; then
    echo "$sums can be written by others than root" >&2
    return 1
  fi
  (
    set -C
    printf '%s\n' "$line" >"$place/restored/$name"
  ) || return
  if ! printf '%s  %s\n' "$digest" "$name" >>"$sums"; then
    rm -f "$place/restored/$name"
    return 1
  fi
}

main() {
  head_line
  step keep
  if keep; then tell "kept"; else tell "fail not-kept"; fi
  exit 0
}
