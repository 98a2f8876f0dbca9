# Prints when a Mac locks its screen: what its management fixes, and what the account that looks has
# chosen. Only reads. One record a line, its kind first; then "complete", and last "end N", with N the
# lines before it.

managed='/Library/Managed Preferences'

setting() { # KIND DOMAIN KEY
  value=$(defaults read "$2" "$3" 2>/dev/null) && printf '%s %s %s\n' "$1" "$3" "$value"
}

{
  printf 'version %s\n' "$(sw_vers -productVersion 2>/dev/null)"
  printf 'self %s\n' "$(id -un)"
  printf 'console %s\n' "$(stat -f %Su /dev/console 2>/dev/null)"
  dscl . -list /Users UniqueID 2>/dev/null | awk '$2 >= 500 && $1 !~ /^_/ { print "person " $1 }'
  for key in idleTime askForPassword askForPasswordDelay; do
    setting managed "$managed/com.apple.screensaver" "$key"
    setting managed_user "$managed/$(id -un)/com.apple.screensaver" "$key"
  done
  value=$(defaults -currentHost read com.apple.screensaver idleTime 2>/dev/null) &&
    printf 'own idleTime %s\n' "$value"
  # sysadminctl answers on standard error, after a time and its own name.
  sysadminctl -screenLock status 2>&1 | sed -n 's/.*screenLock \(.*\)/screen_lock \1/p'
  # Turning the display off locks as well; this holds for everybody.
  pmset -g custom 2>/dev/null | awk '$1 == "displaysleep" { print "display_sleep " $2 }'
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
