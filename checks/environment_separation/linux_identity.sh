# Prints what would show that two machines share something: their public SSH keys, who they are, their
# network, and the databases they are connected to at this moment. Only reads; of files with keys it
# prints public keys, of the machine's id a hash. One record a line, its kind first; then "complete",
# and last "end N", with N the lines before it.

hash() { # TEXT: the first half of its SHA-256
  printf '%s' "$1" | sha256sum 2>/dev/null | cut -c 1-32
}

keys() { # KIND NAME FILE: its public keys, without options and comments
  kind="$1 $2" awk '
    /^[ \t]*#/ { next }
    match($0, /(^|[ \t])AAAA[A-Za-z0-9+\/]+=*([ \t]|$)/) {
      key = substr($0, RSTART, RLENGTH)
      gsub(/[ \t]/, "", key)
      print ENVIRON["kind"] " " key
    }' "$3" 2>/dev/null
}

{
  printf 'account %s %s\n' "$(id -u)" "$(id -un 2>/dev/null)"
  if read -r machine 2>/dev/null </etc/machine-id && [ "${#machine}" = 32 ]; then
    printf 'machine %s\n' "$(hash "$machine")"
  fi
  if read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id; then
    printf 'boot %s\n' "$(hash "$boot")"
  fi
  for path in /etc/ssh/*.pub; do
    if [ -r "$path" ]; then keys host_key host "$path"; fi
  done
  for home in /root /home/*; do
    for path in "$home"/.ssh/authorized_keys "$home"/.ssh/authorized_keys2; do
      if [ -r "$path" ]; then keys authorised "${home##*/}" "$path"; fi
    done
    for path in "$home"/.ssh/id_*.pub; do
      if [ -r "$path" ]; then keys identity "${home##*/}" "$path"; fi
    done
    # A folder that is closed may hold keys.
    if [ -d "$home" ] && ! [ -x "$home" ]; then printf 'closed %s\n' "${home##*/}"; fi
    if [ -d "$home/.ssh" ] && ! [ -x "$home/.ssh" ]; then printf 'closed %s\n' "${home##*/}"; fi
  done
  if [ -r /proc/net/fib_trie ]; then
    awk '
      $1 == "|--" { address = $2 }
      $1 == "/32" && $2 == "host" && $3 == "LOCAL" && !seen[address]++ { print "address " address }
      ' /proc/net/fib_trie
  else
    echo 'unseen addresses'
  fi
  if [ -r /proc/net/if_inet6 ]; then
    awk '{ print "address6 " $1 " " $6 }' /proc/net/if_inet6
  fi
  if [ -r /proc/net/route ]; then
    # Destination, gateway and mask as the kernel prints them: hexadecimal, in the machine's byte order.
    awk 'NR > 1 { print "route " $1 " " $2 " " $3 " " $8 }' /proc/net/route
    awk 'NR > 1 && $4 != "00:00:00:00:00:00" { print "neighbour " $1 " " $4 }' /proc/net/arp 2>/dev/null |
      while read -r kind address mac; do
        # Of the neighbours only a gateway.
        ip=$address awk 'BEGIN { split(ENVIRON["ip"], part, ".")
            little = sprintf("%02X%02X%02X%02X", part[4], part[3], part[2], part[1])
            big = sprintf("%02X%02X%02X%02X", part[1], part[2], part[3], part[4]) }
          $3 == little || $3 == big { found = 1 } END { exit !found }' /proc/net/route &&
          printf '%s %s %s\n' "$kind" "$address" "$mac"
      done
  fi
  if [ -r /proc/net/tcp ]; then
    # Established, to or from the port of PostgreSQL, MySQL, SQL Server, MongoDB or Redis.
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '
      $4 == "01" {
        split($2, here, ":")
        split($3, there, ":")
        if (there[2] ~ /^(1538|0CEA|0599|6989|18EB)$/) line = "database " there[1] " " there[2]
        else if (here[2] ~ /^(1538|0CEA|0599|6989|18EB)$/) line = "client " there[1] " " here[2]
        else next
        if (!seen[line]++) print line
      }'
  else
    echo 'unseen connections'
  fi
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
