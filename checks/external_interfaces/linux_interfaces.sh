# Prints what decides whether USB storage and other plugged-in devices can be used on this machine, as
# far as any user may see it. Only reads. One record a line, its kind first; then "complete", and last
# "end N", with N the lines before it.

release=$(uname -r)
modules=/lib/modules/$release

first_line() { # FILE: its first line, empty where it cannot be read
  line=
  read -r line 2>/dev/null <"$1"
  printf '%s' "$line"
}

container() {
  for mark in /run/systemd/container /.dockerenv /run/.containerenv; do
    if [ -e "$mark" ]; then printf 'container %s\n' "$mark"; fi
  done
}

buses() {
  for bus in pci platform usb thunderbolt firewire; do
    if [ -d "/sys/bus/$bus" ]; then printf 'bus %s\n' "$bus"; fi
  done
  for hub in /sys/bus/usb/devices/usb*; do
    if [ -e "$hub" ]; then
      printf 'hub %s %s\n' "${hub##*/}" "$(first_line "$hub/authorized_default")"
    fi
  done
  for class in /sys/bus/pci/devices/*/class; do
    if ! read -r code 2>/dev/null <"$class"; then continue; fi
    case $code in
      0x0c03*) echo 'controller usb' ;;
      0x0c00*) echo 'controller firewire' ;;
      0x0805*) echo 'controller sd' ;;
    esac
  done
  for domain in /sys/bus/thunderbolt/devices/domain*; do
    if [ -e "$domain" ]; then
      printf 'thunderbolt %s security=%s dma=%s\n' "${domain##*/}" \
        "$(first_line "$domain/security")" "$(first_line "$domain/iommu_dma_protection")"
    fi
  done
  for drive in /sys/block/sr[0-9]*; do
    if [ -e "$drive" ]; then printf 'optical %s\n' "${drive##*/}"; fi
  done
}

drivers() {
  for name in usb_storage uas firewire_ohci firewire_sbp2; do
    if [ -d "/sys/module/$name" ]; then printf 'loaded %s\n' "$name"; fi
  done
  if [ ! -d "$modules" ]; then
    echo 'modules absent'
  elif [ ! -r "$modules/modules.dep" ] || [ ! -r "$modules/modules.builtin" ]; then
    echo 'modules unseen'
  else
    echo 'modules seen'
    # The driver, and every driver that pulls it in.
    awk -F: -v OFS= '
      function base(path) { sub(/.*\//, "", path); sub(/\.ko.*/, "", path); return path }
      FILENAME ~ /builtin$/ { if (/\/(usb-storage|uas)\.ko/) print "builtin ", base($1); next }
      /\/(usb-storage|firewire-ohci)\.ko/ { print "driver ", base($1) }
    ' "$modules/modules.builtin" "$modules/modules.dep"
  fi
  tool=$(command -v modprobe) || tool=
  if [ -n "$tool" ]; then
    case $(readlink -f "$tool" 2>/dev/null) in
      *busybox*) echo 'modprobe busybox' ;;
      *) echo 'modprobe kmod' ;;
    esac
  fi
  # Parameters of the kernel that bear on this; the rest of the line may hold anything.
  for word in $(first_line /proc/cmdline); do
    case $word in
      module_blacklist=* | modprobe.blacklist=* | usbcore.authorized_default=* | usbcore.nousb* | nousb*)
        printf 'kernel %s\n' "$word"
        ;;
    esac
  done
}

modprobe_files() {
  # A file of an earlier folder replaces its namesakes in later ones; the reader sorts that out.
  set --
  for folder in /etc/modprobe.d /run/modprobe.d /usr/local/lib/modprobe.d /usr/lib/modprobe.d \
    /lib/modprobe.d; do
    if [ -d "$folder" ] && ! [ -r "$folder" ]; then printf 'unreadable %s\n' "$folder"; fi
    for path in "$folder"/*.conf; do
      if [ ! -e "$path" ]; then continue; fi
      printf 'modprobe_file %s\n' "$path"
      if [ -r "$path" ]; then set -- "$@" "$path"; else printf 'unreadable %s\n' "$path"; fi
    done
  done
  if [ $# -gt 0 ]; then
    awk '
      FNR == 1 { printf "in %s\n", FILENAME }
      /^[ \t]*(install|blacklist)[ \t]/ { gsub(/\t/, " "); print "line " $0 }
    ' "$@"
  fi
}

guard() {
  for folder in /etc/usbguard /var/lib/usbguard; do
    if [ -d "$folder" ]; then printf 'usbguard %s\n' "$folder"; fi
  done
  state=$(systemctl show -p ActiveState -p UnitFileState usbguard.service 2>/dev/null | tr '\n' ' ')
  if [ -n "$state" ]; then printf 'usbguard_unit %s\n' "$state"; fi
  if [ -r /proc/1/comm ]; then echo 'processes seen'; else echo 'processes hidden'; fi
  for path in /proc/[0-9]*/comm; do
    if read -r name 2>/dev/null <"$path" && [ "$name" = usbguard-daemon ]; then
      echo 'usbguard_process'
      break
    fi
  done
  # Rules for udev that refuse devices: what they do exactly is not for us to work out.
  for path in /etc/udev/rules.d/*.rules /run/udev/rules.d/*.rules; do
    if [ ! -r "$path" ]; then continue; fi
    if grep -Eq '^[^#]*(authorized(_default)?|remove|UDISKS_IGNORE)' "$path" &&
      grep -Eq '^[^#]*(usb|sd\[|0?8)' "$path"; then
      printf 'udev %s\n' "$path"
    fi
  done
}

{
  container
  buses
  drivers
  modprobe_files
  guard
  echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
