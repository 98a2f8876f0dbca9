#!/bin/sh
# Makes the file systems of the lab's machines, once:  sh tests/lab/machines.sh [debian] [ubuntu]
# They stand below $ASSESS_LAB_MACHINES (default /var/cache/assess-lab). Needs root, debootstrap
# and the distributions' archives; the tests themselves use no network.
set -eu
top=${ASSESS_LAB_MACHINES:-/var/cache/assess-lab}
# What the tests switch on and off. Nothing starts while it is installed (policy-rc.d).
wanted='systemd systemd-sysv dbus openssh-server sudo iproute2 procps kmod cron ca-certificates
  nftables iptables ufw fail2ban rsyslog logrotate auditd systemd-timesyncd unattended-upgrades
  libpam-pwquality libpam-google-authenticator restic nginx-light redis-server
  usbguard dconf-cli nut-server nut-client smartmontools clamav-daemon clamav-freshclam
  clamav aide-common lynis sqlite3 busybox-static'

# Ubuntu's key is not among Debian's packages; its package is taken by this hash.
keyring=ubuntu-keyring_2023.11.28.1_all.deb
keyring_sha256=36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8
ubuntu=http://archive.ubuntu.com/ubuntu

base() { # NAME: the smallest system
  case $1 in
    debian)
      debootstrap --variant=minbase bookworm "$2" http://deb.debian.org/debian
      echo 'deb http://deb.debian.org/debian-security bookworm-security main' \
        >>"$2/etc/apt/sources.list"
      ;;
    ubuntu)
      curl -fsS -o "$2.deb" "$ubuntu/pool/main/u/ubuntu-keyring/$keyring"
      echo "$keyring_sha256  $2.deb" | sha256sum --check --quiet
      dpkg-deb --extract "$2.deb" "$2.key"
      debootstrap --variant=minbase --components=main,universe \
        --keyring="$2.key/usr/share/keyrings/ubuntu-archive-keyring.gpg" \
        noble "$2" "$ubuntu" /usr/share/debootstrap/scripts/gutsy
      for more in updates security; do
        echo "deb $ubuntu noble-$more main universe" >>"$2/etc/apt/sources.list"
      done
      rm -r "$2.deb" "$2.key"
      ;;
    *)
      echo "no such machine: $1" >&2
      return 2
      ;;
  esac
}

make() { # NAME
  root=$top/$1
  [ ! -e "$root" ] || return 0
  work=$(mktemp -d "$top/.$1.XXXXXX")
  base "$1" "$work"
  printf '#!/bin/sh\nexit 101\n' >"$work/usr/sbin/policy-rc.d"
  chmod 755 "$work/usr/sbin/policy-rc.d"
  chroot "$work" env DEBIAN_FRONTEND=noninteractive sh -c "apt-get -qq update
    apt-get -qq dist-upgrade
    apt-get -qq install --no-install-recommends $(echo $wanted)
    apt-get -qq clean" </dev/null
  rm "$work/usr/sbin/policy-rc.d"
  # What a machine starts with is the tests' to say.
  chroot "$work" systemctl -q disable ufw nftables fail2ban auditd nginx redis-server usbguard \
    usbguard-dbus nut-server nut-monitor smartmontools clamav-daemon clamav-freshclam unattended-upgrades \
    dailyaidecheck.timer rsyslog
  chroot "$work" systemctl -q mask getty@tty1 console-getty systemd-networkd-wait-online
  rm -f "$work"/etc/ssh/ssh_host_* "$work/etc/machine-id"
  : >"$work/etc/machine-id"
  mv "$work" "$root" # whole, or not there
}

# Held while machines are made, so that tests wait for them (tests/lab/machine.py).
mkdir -p "$top"
exec 9>"$top/lock"
flock 9
for name in ${*:-debian ubuntu}; do make "$name"; done
