# Prints what decides who can log in to this machine, and how, as far as any user may see it:
# the SSH server, other services that listen, VPNs, PAM, accounts and automatic log-in. Only reads.
# One record a line, its kind first; then "complete", and last "end N", with N the lines before it.

server() {
  for path in /usr/sbin/sshd /usr/local/sbin/sshd; do
    if [ -x "$path" ]; then printf 'sshd %s\n' "$path"; fi
  done
  if [ -e /etc/krb5.keytab ]; then echo 'keytab'; fi
  # A member of a FreeIPA domain: its server may ask for a second factor behind the password.
  if [ -e /etc/ipa/default.conf ]; then echo 'directory ipa'; fi
  if systemctl is-active ssh.socket sshd.socket 2>/dev/null | grep -qx active; then
    echo 'socket ssh.socket'
  fi
}

processes() {
  if ! read -r name 2>/dev/null </proc/1/comm; then echo 'processes hidden'; fi
  for folder in /proc/[0-9]*; do
    read -r name 2>/dev/null <"$folder/comm" || continue
    case $name in
      sshd)
        # The listener names its options; a session names its user, which is nobody's business here.
        command=$(tr '\000\n' '  ' 2>/dev/null <"$folder/cmdline")
        case $command in
          'sshd: /'* | /* | 'sshd '*) printf 'listener %s\n' "$command" ;;
          *) echo session ;;
        esac
        ;;
      sshd-session | sshd-auth) echo session ;;
      dropbear | tinysshd | lshd) printf 'other_ssh %s\n' "$name" ;;
      openvpn | charon | charon-systemd | pluto | tailscaled | zerotier-one | nebula | ocserv)
        printf 'vpn %s\n' "$name"
        ;;
    esac
  done
}

listeners() {
  for table in /proc/net/tcp /proc/net/tcp6; do
    if [ ! -e "$table" ]; then continue; fi
    if [ ! -r "$table" ]; then
      printf 'unreadable %s\n' "$table"
      continue
    fi
    # State 0A is LISTEN (include/net/tcp_states.h).
    awk 'NR > 1 && $4 == "0A" { print "listen " $2 }' "$table"
    printf 'table %s\n' "$table"
  done
}

tunnels() {
  for folder in /sys/class/net/*; do
    if [ -e "$folder/tun_flags" ]; then
      printf 'vpn tunnel:%s\n' "${folder##*/}"
    elif read -r line 2>/dev/null <"$folder/uevent" && [ "$line" = DEVTYPE=wireguard ]; then
      printf 'vpn wireguard:%s\n' "${folder##*/}"
    fi
  done
}

pam() {
  set --
  for path in /etc/pam.d/* /usr/lib/pam.d/* /usr/etc/pam.d/*; do
    if [ ! -f "$path" ]; then continue; fi
    if [ -r "$path" ]; then
      set -- "$@" "$path"
    else
      printf 'unreadable %s\n' "$path"
    fi
  done
  if [ $# -eq 0 ]; then return 0; fi
  # The name of an empty file must be told as well, so the files are read one by one.
  awk 'BEGIN {
    for (i = 1; i < ARGC; i++) {
      print "pam_file " ARGV[i]
      while ((getline line <ARGV[i]) > 0)
        if (line !~ /^[ \t]*(#|$)/) print "pam " line
      close(ARGV[i])
    }
  }' "$@"
}

accounts() {
  # The password field of passwd is a mark ("x") or empty; a hash, as on very old systems, is not shown.
  awk -F: 'NF >= 7 { print "account " $1 ":" ($2 == "" ? "empty" : "set") ":" $3 ":" $7 }' /etc/passwd
  printf 'root_groups %s\n' "$(id -Gn root 2>/dev/null)"
}

automatic() {
  for path in /etc/gdm3/daemon.conf /etc/gdm3/custom.conf /etc/gdm/custom.conf \
    /etc/lightdm/lightdm.conf /etc/lightdm/lightdm.conf.d/*.conf \
    /etc/sddm.conf /etc/sddm.conf.d/*.conf /etc/inittab \
    /etc/systemd/system/getty@*.d/*.conf /etc/systemd/system/serial-getty@*.d/*.conf; do
    if [ -f "$path" ] && [ -r "$path" ]; then
      awk -v path="$path" '
        /^[ \t]*[#;]/ { next }
        /^\[/ { section = tolower($0) }
        tolower($0) ~ /^[ \t]*(automaticloginenable|timedloginenable)[ \t]*=[ \t]*(true|1|yes)/ ||
        /^[ \t]*autologin-user[ \t]*=[ \t]*[^ \t]/ ||
        (section ~ /autologin/ && /^[ \t]*User[ \t]*=[ \t]*[^ \t]/) ||
        /getty.*(--autologin|[ \t]-a[ \t])/ { print "automatic " path; exit }' "$path"
    fi
  done
}

{
  server
  processes
  listeners
  tunnels
  pam
  accounts
  automatic
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
