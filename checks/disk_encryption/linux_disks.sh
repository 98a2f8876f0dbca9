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
	zfs get -H -o name,value encryption 2>/dev/null | while read -r name value; do
		echo "zfs $value $name"
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
for folder in /.fscrypt /home/.fscrypt; do
	[ -d "$folder" ] && echo "fscrypt ${folder%/.fscrypt}/"
done

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
