# Prints the accounts and groups of this machine, and what any user may see of their rights: doas,
# the last log-ins, authorised keys. Only reads; never prints a hash, a comment or an address.
# One record a line, its kind first; then "complete", and last "end N", with N the lines before it.

directory() { # from where else accounts come; "local" words need no server
  if [ -r /etc/nsswitch.conf ]; then switch=/etc/nsswitch.conf; else switch=/usr/etc/nsswitch.conf; fi
  grep -q '^[+]' /etc/passwd && echo nis
  [ -r "$switch" ] || return 0
  awk '{ sub(/#.*/, ""); gsub(/\[[^]]*\]/, " ") }
    $1 ~ /^(passwd|group|sudoers):$/ { for (i = 2; i <= NF; i++) if (!seen[$i]++) print $i }' "$switch" |
    while read -r word; do
      case $word in
        files | compat | systemd | altfiles | extrausers | mymachines | usrfiles | cache | db) ;;
        sss) if [ -e /var/lib/sss/pipes/nss ]; then echo sssd; fi ;;
        winbind)
          if [ -e /run/samba/winbindd/pipe ] || [ -e /var/run/samba/winbindd/pipe ]; then
            echo winbind
          fi
          ;;
        *) printf '%s\n' "$word" ;;
      esac
    done
}

entries() { # DATABASE: those of the file, then those that only getent knows; no server is asked
  {
    if [ -z "$servers" ]; then getent "$1" 2>/dev/null; fi
  } | awk -F: -v what="$1" '
    from != "file" && $1 in seen { next }
    from == "file" { seen[$1] = 1 }
    /^[+-]/ { next }
    what == "group" { if (NF > 3) print "group " $1 ":" $3 ":" $4; next }
    NF > 6 {
      # The second field is a mark, or empty; a hash, as on very old systems, is not shown.
      print (from == "file" ? "account " : "other ") $1 ":" ($2 == "" ? "empty" : "set") ":" \
        $3 ":" $4 ":" $6 ":" $7
    }' from=file "/etc/$1" from=getent -
}

rules() {
  for path in /etc/login.defs /usr/etc/login.defs; do
    [ -r "$path" ] || continue
    awk '$1 == "UID_MIN" { print "uid_min " $2 }' "$path"
    break
  done
  if [ -e /etc/sudoers ] || [ -e /usr/etc/sudoers ] || command -v sudo >/dev/null 2>&1; then
    echo 'sudo installed'
  fi
  for path in /usr/lib/polkit-1/polkitd /usr/libexec/polkitd /usr/lib/policykit-1/polkitd; do
    if [ -e "$path" ]; then
      echo 'polkit installed'
      break
    fi
  done
  command -v doas >/dev/null 2>&1 || return 0
  for path in /etc/doas.conf /etc/doas.d/*.conf; do
    if [ ! -e "$path" ]; then continue; fi
    if [ -r "$path" ]; then
      awk '{ sub(/^[ \t]*#.*/, "") } NF { print "doas " $0 }' "$path"
    else
      printf 'unreadable %s\n' "$path"
    fi
  done
}

passwords() { # only root may read them; what a log-in as root makes of it is the state alone
  if [ -r /etc/shadow ]; then
    awk -F: 'NF > 2 { print "state " $1 " " ($2 == "" ? "NP" : $2 ~ /^[!*]/ ? "L" : "P") " " $3 }' \
      /etc/shadow
  fi
}

keys() {
  for path in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; do
    if [ -r "$path" ]; then
      awk 'tolower($1) ~ /^authorizedkeys(file|command)$/ { print "keys_setting " $2 }' "$path"
    fi
  done
  while IFS=: read -r name _ _ _ _ home shell; do
    case $shell in
      */nologin | */false | */sync | */shutdown | */halt) continue ;;
    esac
    [ -d "$home" ] || continue
    file=$home/.ssh/authorized_keys
    if [ ! -x "$home" ] || { [ -e "$home/.ssh" ] && [ ! -x "$home/.ssh" ]; }; then
      printf 'keys_hidden %s\n' "$name"
    elif [ -f "$file" ] && [ ! -r "$file" ]; then
      printf 'keys_hidden %s\n' "$name"
    elif [ -f "$file" ]; then
      printf 'key_file %s %s\n' "$name" "$(stat -c %Y "$file" 2>/dev/null)"
      head -c 65536 "$file" | name=$name awk '!/^[ \t]*#/ && match($0, /AAAA[A-Za-z0-9+\/]+/) {
        print "key " ENVIRON["name"] " " substr($0, RSTART, RLENGTH < 52 ? RLENGTH : 52) }'
    fi
  done </etc/passwd
}

log_ins() { # when each account last logged in; where from is nobody's business here
  # shellcheck disable=SC2016 # awk's fields, not the shell's
  last='NR > 1 && /\*\*Never logged in\*\*$/ { print "never " $1; next }
    NR > 1 && NF > 6 { print "last " $1, $(NF - 4), $(NF - 3), $(NF - 2), $(NF - 1), $NF }'
  if [ -s /var/log/lastlog ] && [ -r /var/log/lastlog ] && command -v lastlog >/dev/null 2>&1; then
    echo 'records lastlog'
    lastlog 2>/dev/null | awk "$last"
  fi
  if [ -r /var/lib/lastlog/lastlog2.db ] && command -v lastlog2 >/dev/null 2>&1; then
    echo 'records lastlog2'
    lastlog2 2>/dev/null | awk "$last"
  fi
  # Not lslogins: as root it opens /etc/.pwd.lock to write. busybox's last knows no such form.
  if [ -s /var/log/wtmp ] && [ -r /var/log/wtmp ] && command -v last >/dev/null 2>&1; then
    last -w -R --time-format iso -f /var/log/wtmp 2>/dev/null |
      awk '$2 == "begins" && /^wtmp begins / { print "records wtmp"; next }
        $2 != "system" && $3 ~ /^[0-9]+-[0-9]+-[0-9]+T/ && !seen[$1]++ { print "last " $1 " " $3 }'
  fi
}

{
  printf 'host %s\n' "$(uname -n)"
  printf 'now %s\n' "$(date -u +%s)"
  servers=$(directory)
  for server in $servers; do printf 'directory %s\n' "$server"; done
  entries passwd
  entries group
  rules
  passwords
  keys
  log_ins
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
