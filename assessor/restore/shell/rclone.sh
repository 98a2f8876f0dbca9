# rclone: a folder of plain files at another place. It has no snapshots.
#
# shellcheck disable=SC2034,SC2154 # the parts of one script: each gives names that others use

# shellcheck disable=SC2016 # for awk
record='
  function record() {
    if (match($0, /^[0-9]+\t/)) take(substr($0, 1, RLENGTH - 1), substr($0, RLENGTH + 1))
  }'

prepare() {
  RCLONE_CACHE_DIR=$scratch/state
  RCLONE_ASK_PASSWORD=false
  export RCLONE_CACHE_DIR RCLONE_ASK_PASSWORD
  # rclone takes the password of its settings from a variable only.
  if [ -n "$secret" ]; then
    RCLONE_CONFIG_PASS=$secret
    export RCLONE_CONFIG_PASS
  elif [ -n "$password_file" ]; then
    IFS= read -r RCLONE_CONFIG_PASS <"$password_file"
    export RCLONE_CONFIG_PASS
  fi
  entrance=/dev/null
  step version
  tell "version $(rclone version 2>/dev/null | head -n 1)"
}

list() {
  start rclone lsf --recursive --files-only --format sp --separator "$tab" \
    --retries 1 -- "$repository"
  finish
}

restore() {
  awk 'BEGIN { FS = "\t" } { print $2 }' "$scratch/sample" >"$scratch/names"
  start rclone copy --retries 1 --files-from-raw "$scratch/names" -- \
    "$repository" "$scratch/data"
  finish
}
