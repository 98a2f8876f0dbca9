# tar: an archive, compressed or not, or a folder with archives.
#
# shellcheck disable=SC2034,SC2154 # the parts of one script: each gives names that others use

# shellcheck disable=SC2016 # for awk
record='
  function record(   size) {
    if (/^archive\t/) { sub(/^archive\t/, ""); print "snapshot\t" $0; return }
    if ($0 !~ /^-/) return
    if ($2 ~ /\//) {  # GNU and busybox: mode owner/group size date time name
      size = $3
      if (!sub(/^[^ ]+ +[^ ]+ +[0-9]+ +[^ ]+ +[^ ]+ /, "")) return
    } else {          # libarchive: mode links owner group size month day time name
      size = $5
      if (!sub(/^[^ ]+ +[0-9]+ +[^ ]+ +[^ ]+ +[0-9]+ +[^ ]+ +[^ ]+ +[^ ]+ /, "")) return
    }
    # busybox takes names as patterns too, and then does not find them.
    if (ENVIRON["flavour"] == "plain" && /[][*?\\]/) { odd++; return }
    take(size, $0)
  }'

prepare() {
  step version
  case $(tar --version 2>&1) in
    *GNU*) flavour=GNU words='--quoting-style=literal --numeric-owner' ;;
    *bsdtar*) flavour=libarchive words="" ;;
    *) flavour=plain words="" ;;
  esac
  export flavour
  tell "version $(tar --version 2>&1 | head -n 1)"
}

find_archive() {
  if [ "$snapshot" != latest ]; then
    archive=$repository/$snapshot
    return
  fi
  archive=$repository
  if [ ! -d "$repository" ]; then return; fi
  archive=
  for path in "$repository"/*.tar "$repository"/*.tar.* "$repository"/*.tgz "$repository"/*.txz; do
    if [ ! -f "$path" ]; then continue; fi
    if [ -z "$archive" ] || [ -n "$(find "$path" -prune -newer "$archive")" ]; then archive=$path; fi
  done
}

list() {
  find_archive
  status=0
  if ! there "$repository"; then fail no-repository; fi
  if [ ! -f "$archive" ]; then return; fi
  if [ ! -r "$archive" ] || ! facts "$archive"; then fail no-access; fi
  changed=${known#* }
  printf 'archive\t%s\t%s\n' "${changed%% *}" "${archive##*/}" >&4
  # busybox may have been built so that it must be told how an archive is compressed.
  case $flavour$archive in
    plain*.gz | plain*.tgz) words=-z ;;
    plain*.bz2) words=-j ;;
    plain*.xz | plain*.txz) words=-J ;;
  esac
  # shellcheck disable=SC2086 # a list of options
  start tar -t -v $words -f "$archive"
  finish
}

restore() {
  awk 'BEGIN { FS = "\t" } { print $2 }' "$scratch/sample" >"$scratch/names"
  # libarchive takes names as patterns.
  if [ "$flavour" = libarchive ]; then
    sed 's/[][\\*?]/\\&/g' "$scratch/names" >"$scratch/patterns"
    mv "$scratch/patterns" "$scratch/names"
  fi
  set --
  while IFS= read -r path; do set -- "$@" "$path"; done <"$scratch/names"
  # shellcheck disable=SC2086
  start tar -x $words -f "$archive" -C "$scratch/data" -- "$@"
  finish
}
