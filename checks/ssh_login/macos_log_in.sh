# Prints what decides who can log in to this Mac, and how, as far as any user may see it: Remote Login,
# other services that listen, PAM, accounts and automatic log-in. Only reads.
# One record a line, its kind first; then "complete", and last "end N", with N the lines before it.

window=/Library/Preferences/com.apple.loginwindow

server() {
  if [ -x /usr/sbin/sshd ]; then echo 'sshd /usr/sbin/sshd'; fi
  # "enabled" or "disabled"; before macOS 13 "false" or "true", and then it says what is disabled.
  launchctl print-disabled system 2>/dev/null | awk '
    /"com.openssh.sshd" => / { state = $3 }
    END {
      if (!NR) print "processes hidden"
      else if (state == "enabled" || state == "false") print "socket com.openssh.sshd"
    }'
}

listeners() {
  netstat -an -p tcp 2>/dev/null | awk '
    /^Active / { seen = 1 }
    $1 ~ /^tcp/ && $NF == "LISTEN" { print "open " $4 }
    END { if (seen) print "table netstat" }'
}

pam() {
  for path in /etc/pam.d/*; do
    if [ ! -f "$path" ]; then continue; fi
    if [ ! -r "$path" ]; then
      printf 'unreadable %s\n' "$path"
      continue
    fi
    printf 'pam_file %s\n' "$path"
    awk '!/^[ \t]*(#|$)/ { print "pam " $0 }' "$path"
  done
}

accounts() {
  # Service accounts begin with "_"; the second field is no password but says that nothing is known.
  dscl . -list /Users UserShell 2>/dev/null |
    awk '$1 !~ /^_/ { print "account " $1 ":set:" ($1 == "root" ? 0 : 501) ":" $2 }'
  printf 'root_groups %s\n' "$(id -Gn root 2>/dev/null)"
}

automatic() {
  if [ -n "$(defaults read "$window" autoLoginUser 2>/dev/null)" ]; then
    printf 'automatic %s\n' "$window"
  fi
  if [ "$(defaults read "$window" GuestEnabled 2>/dev/null)" = 1 ]; then
    printf 'automatic %s\n' "$window (guest)"
  fi
}

{
  server
  listeners
  pam
  accounts
  automatic
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
