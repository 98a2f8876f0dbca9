# Prints sshd_config with the files that it includes, in the order in which sshd reads them, because
# "sshd -T" does not show what Match blocks change. Only reads. One record a line:
#   file PATH         a file begins (it may stand inside another one)
#   | TEXT            a line of it, as it stands
#   leave PATH        it ends
#   absent PATH       named, but not there
#   unreadable PATH   there, but not readable for this user
# then "complete", and last "end N", with N the number of lines before it.

base=/etc/ssh

include() { # WORDS DEPTH: what an Include line names
  set -f
  # shellcheck disable=SC2086 # sshd splits the words of an Include line as well
  set -- "$2" $1
  depth=$1
  shift
  set +f
  for pattern; do
    pattern=$(printf '%s' "$pattern" | tr -d '"=')
    case $pattern in
      '') continue ;;
      '#'*) break ;;
      /*) ;;
      *) pattern=$base/$pattern ;;
    esac
    folder=${pattern%/*}
    if [ -d "$folder" ] && { [ ! -r "$folder" ] || [ ! -x "$folder" ]; }; then
      printf 'unreadable %s\n' "$folder"
      continue
    fi
    IFS=
    # shellcheck disable=SC2086 # the pattern is expanded on purpose; IFS is empty
    for path in $pattern; do
      unset IFS
      show "$path" "$depth"
    done
    unset IFS
  done
}

show() ( # PATH DEPTH
  if [ ! -e "$1" ]; then
    printf 'absent %s\n' "$1"
  elif [ ! -r "$1" ] || [ "$2" -gt 16 ]; then
    printf 'unreadable %s\n' "$1"
  else
    printf 'file %s\n' "$1"
    while IFS= read -r line || [ -n "$line" ]; do
      printf '| %s\n' "$line"
      text=${line#"${line%%[![:space:]]*}"}
      case $text in
        [Ii][Nn][Cc][Ll][Uu][Dd][Ee][[:space:]=]*) include "${text#???????}" $(($2 + 1)) ;;
      esac
    done <"$1"
    printf 'leave %s\n' "$1"
  fi
)

{
  show "$base/sshd_config" 1
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
