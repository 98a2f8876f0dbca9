#!/bin/sh
# Mounts, swap, and what every block device stands on. Reads only; needs no rights, no lsblk.
# One line a fact; the last line is "end", so that a cut-off answer is recognised.

# mountinfo: id, parent, device, root, mount point, options, optional fields, "-", type, source
while read -r _ _ device _ point options rest; do
	rest=${rest#*- }
	kind=${rest%% *}
	rest=${rest#* }
	echo "mount $device $kind $point ${rest%% *} ${options%%,*}"
done </proc/self/mountinfo

if [ -r /proc/swaps ]; then
	echo "swaps readable"
	while read -r name kind _; do
		[ "$name" = Filename ] || echo "swap $kind $name"
	done </proc/swaps
fi

for folder in /sys/class/block/*; do
	[ -d "$folder" ] || continue
	name=${folder##*/}
	device=- parent=- members='' uuid=- label=- level=- file=- backing=-
	read -r device 2>/dev/null <"$folder/dev"
	if [ -e "$folder/partition" ]; then
		whole=$(readlink -f "$folder")
		whole=${whole%/*}
		parent=${whole##*/}
	fi
	for member in "$folder"/slaves/*; do
		[ -e "$member" ] && members="$members,${member##*/}"
	done
	read -r uuid 2>/dev/null <"$folder/dm/uuid"
	read -r label 2>/dev/null <"$folder/dm/name"
	read -r level 2>/dev/null <"$folder/md/level"
	read -r file 2>/dev/null <"$folder/loop/backing_file"
	read -r backing 2>/dev/null <"$folder/backing_dev"
	echo "block $name $device parent=$parent members=${members#,} uuid=${uuid:--} name=${label:--} level=${level:--} backing=${backing:--} file=$file"
done

# btrfs and zfs spread over devices that mountinfo does not name
for folder in /sys/fs/btrfs/*/devices; do
	[ -d "$folder" ] || continue
	members=
	for member in "$folder"/*; do
		[ -e "$member" ] && members="$members,${member##*/}"
	done
	echo "btrfs ${members#,}"
done
if command -v zfs >/dev/null 2>&1; then
	zfs get -H -t filesystem,volume -o name,property,value encryption,keystatus,keylocation 2>/dev/null |
		awk -F '\t' '
			$2 == "encryption" { print "zfs " $3 " " $1 }
			$2 == "keystatus" && $3 != "-" { print "zfs-keystatus " $3 " " $1 }
			$2 == "keylocation" && $3 ~ /^file:/ { print "zfs-key " $1 " " $3 }'
	for link in /dev/zvol/*/* /dev/zvol/*/*/* /dev/zvol/*/*/*/*; do
		[ -b "$link" ] && echo "zvol $(readlink "$link" | sed 's|.*/||') ${link#/dev/zvol/}"
	done
fi
if command -v zpool >/dev/null 2>&1; then
	zpool list -v -H -P 2>/dev/null | while IFS= read -r line; do
		echo "zpool $line"
	done
fi

# the second field of crypttab is the device, the third the key: "none" asks for a passphrase
if [ -r /etc/crypttab ]; then
	while read -r name device key options _; do
		case $name in '' | '#'*) continue ;; esac
		echo "crypttab $name ${device:--} ${key:-none} ${options:--}"
	done </etc/crypttab
fi
# key files that are copied to where the boot loader finds them (cryptsetup-initramfs, dracut,
# mkinitcpio): their names, not what is in them
sed -n \
	-e 's/^[[:space:]]*KEYFILE_PATTERN=//p' \
	-e 's/^[[:space:]]*install_items+\{0,1\}=//p' \
	-e 's/^[[:space:]]*FILES+\{0,1\}=//p' \
	/etc/cryptsetup-initramfs/conf-hook /etc/initramfs-tools/conf.d/* /etc/dracut.conf \
	/etc/dracut.conf.d/*.conf /etc/mkinitcpio.conf /etc/mkinitcpio.conf.d/*.conf 2>/dev/null |
	tr -s '()"'\''[:space:]' '\n' | sed -n 's|^/.*|initramfs-key &|p' | head -n 50
for folder in /.fscrypt /home/.fscrypt; do
	[ -d "$folder" ] && echo "fscrypt ${folder%/.fscrypt}/"
done
# folders that the file system itself encrypts (ext4, f2fs, ubifs): attribute E
lsattr -d /home/* /srv/* /data/* /var/lib/* 2>/dev/null |
	sed -n 's/^[A-Za-z-]*E[A-Za-z-]* /folder /p' | head -n 100

if command -v systemd-detect-virt >/dev/null 2>&1; then
	echo "virt $(systemd-detect-virt 2>/dev/null)"
elif grep -q '^flags.* hypervisor' /proc/cpuinfo 2>/dev/null; then
	echo "virt unnamed"
fi
if [ -r /sys/class/dmi/id/sys_vendor ]; then
	read -r vendor </sys/class/dmi/id/sys_vendor
	echo "vendor $vendor"
fi
[ -r /run/systemd/container ] && echo "container systemd"
[ -e /.dockerenv ] && echo "container docker"
[ -e /run/.containerenv ] && echo "container podman"
echo end
