# What every script of a restore test begins with.
#
# shellcheck disable=SC2034,SC2154 # the parts of one script: each gives names that others use

unset ENV BASH_ENV CDPATH IFS
LC_ALL=C LANG=C TZ=UTC
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin
export LC_ALL LANG TZ PATH
umask 077

tell() { printf '\n%s %s\n' "$mark" "$*"; }

# The name of the step on both outputs, so that what a program says is known to belong to it.
step() {
  tell "step $1"
  tell "step $1" >&2
}

head_line() { tell "head $(id -u) $(date +%s) $(uname -s) $(uname -n)"; }

there() { [ -e "$1" ] || [ -L "$1" ]; }

# What a backup holds may forbid its own removal: folders without rights, immutable files.
remove() {
  cd /
  find "$scratch" -type d ! -perm -700 -exec chmod u+rwx {} \; 2>/dev/null
  rm -rf -- "$scratch" 2>/dev/null
  if there "$scratch"; then
    chattr -R -ia "$scratch" 2>/dev/null || chflags -R nouchg,noschg "$scratch" 2>/dev/null
    rm -rf -- "$scratch"
  fi
}
