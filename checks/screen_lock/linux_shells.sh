# Prints after how long an idle shell is ended on this machine, as far as any user may see it. Only
# reads. One record a line, its kind first; then "complete", and last "end N", with N the lines before
# it. Of start-up files only the lines on TMOUT are printed: others may hold anything.

accounts() {
  awk -F: '
    $3 ~ /^[0-9]+$/ && ($3 == 0 || ($3 >= 1000 && $3 != 65534)) && $7 !~ /(nologin|false|sync)$/ {
      print "account " $1 " " ($7 == "" ? "/bin/sh" : $7)
    }' /etc/passwd 2>/dev/null
  if grep -Eq '^passwd:.*(sss|ldap|winbind|nis|systemd-homed)' /etc/nsswitch.conf 2>/dev/null; then
    echo 'directory'
  fi
  link=$(readlink -f /bin/sh 2>/dev/null)
  printf 'sh %s\n' "$link"
  # busybox can be built with TMOUT or without; it names the variable only where it knows it.
  case $link in
    *busybox*) ;;
    *) grep -Eq ':/[^:]*/(ash|busybox)$' /etc/passwd 2>/dev/null || return 0 ;;
  esac
  for program in "$link" /bin/busybox /usr/bin/busybox; do
    case $program in *busybox*) ;; *) continue ;; esac
    if [ ! -r "$program" ]; then continue; fi
    if grep -q TMOUT "$program"; then echo 'busybox obeys'; else echo 'busybox ignores'; fi
    break
  done
}

start_up() {
  set --
  for path in /etc/profile /etc/profile.d/*.sh /etc/bash.bashrc /etc/bashrc /etc/bash/bashrc \
    /etc/zshenv /etc/zprofile /etc/zshrc /etc/zlogin \
    /etc/zsh/zshenv /etc/zsh/zprofile /etc/zsh/zshrc /etc/zsh/zlogin; do
    if [ ! -f "$path" ]; then continue; fi
    if [ ! -r "$path" ]; then
      printf 'unreadable %s\n' "$path"
      continue
    fi
    set -- "$@" "$path"
  done
  if [ $# -eq 0 ]; then return 0; fi
  # The depth says within how many conditions a line stands.
  awk '
    FNR == 1 { depth = 0; print "file " FILENAME }
    { gsub(/\t/, " "); line = $0; sub(/^ +/, "", line); sub(/(^| )#.*/, "", line) }
    line == "" { next }
    {
      words = line
      gsub(/[;()|&]+/, " & ", words)
      count = split(words, word, " +")
      opened = 0
      before = ";"
      for (i = 1; i <= count; i++) {
        if (word[i] == "") continue
        # A word opens or closes a block only where a command may begin.
        if (before ~ /^([;()|&]+|then|do|else|elif|!|\{)$/) {
          if (word[i] ~ /^(if|case|for|while|until|select|\{)$/) opened++
          if (word[i] ~ /^(fi|esac|done|\})$/) opened--
        } else if (word[i] == "{" && i == count) opened++
        before = word[i]
      }
      inside = depth != 0 || opened > 0 || line ~ /&&|\|\|/ || line ~ /^if /
      if (line ~ /TMOUT/) print "tmout " (inside ? "conditional" : "plain") " " line
      if (line ~ /profile\.d/) print "reads profile.d"
      if (line ~ /bash\.bashrc|\/etc\/bashrc/) print "reads bashrc"
      depth += opened
    }' "$@"
}

sshd_settings() {
  if ! command -v sshd >/dev/null 2>&1; then echo 'sshd absent'; fi
  version=$(ssh -V 2>&1) && printf 'ssh_version %s\n' "$version"
  for path in /etc/ssh/sshd_config.d /etc/ssh/sshd_config; do
    if [ -e "$path" ] && [ ! -r "$path" ]; then printf 'sshd_unreadable %s\n' "$path"; fi
  done
  set --
  # sshd takes the first value; distributions include the folder at the top of the main file.
  for path in /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config; do
    if [ ! -e "$path" ]; then continue; fi
    if [ -r "$path" ]; then
      printf 'sshd_readable %s\n' "$path"
      set -- "$@" "$path"
    else
      printf 'sshd_unreadable %s\n' "$path"
    fi
  done
  if [ $# -gt 0 ]; then
    awk '
      FNR == 1 { print "sshd_file " FILENAME }
      { gsub(/\t/, " "); sub(/^ +/, "") }
      tolower($0) ~ /^"?(channeltimeout|unusedconnectiontimeout|clientalive[a-z]+|match|include)[" =]/ {
        print "sshd " $0
      }' "$@"
  fi
}

logind() {
  # What logind works with: a build without this setting gives an error.
  busctl get-property org.freedesktop.login1 /org/freedesktop/login1 \
    org.freedesktop.login1.Manager StopIdleSessionUSec 2>/dev/null | sed 's/^/stop_idle /'
}

{
  accounts
  start_up
  sshd_settings
  logind
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
