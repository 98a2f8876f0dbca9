# Runs as root in the virtual machine of tests/lab/vm.py: makes real volumes, then asks the probes.
# Sections of the output: "== CASE.PROBE". The disks: a b c d e f g h, 64 to 256 MiB.

luks() { # type device name
	echo secret | cryptsetup luksFormat -q --type "$1" --pbkdf-force-iterations 1000 \
		${4:-} --key-file=- "/dev/$2" && open_luks "$2" "$3"
}
open_luks() { echo secret | cryptsetup open --key-file=- "/dev/$1" "$2"; }

# $1: what is mounted as the machine's root
enter() {
	mkdir -p /n
	mount "$1" /n
	mkdir -p /n/bin /n/lib /n/lib64 /n/usr /n/etc /n/proc /n/sys /n/dev /n/run /n/home /n/srv/data /n/boot /n/tmp
	for folder in bin lib lib64 usr etc; do [ -d /$folder ] && mount --bind /$folder /n/$folder; done
	mount -t proc proc /n/proc
	mount -t sysfs sys /n/sys
	mount --bind /dev /n/dev
	mount -t tmpfs tmp /n/tmp
	cp /linux_disks.sh /n/tmp/
}
leave() {
	for folder in tmp dev sys proc etc usr lib64 lib bin; do umount /n/$folder 2>/dev/null; done
	umount /n
}

ask() { # case
	read -r uptime _ </proc/uptime
	echo "$uptime $1" >/dev/console
	echo "== $1.disks"
	chroot /n su nobody -s /bin/sh -c 'sh /tmp/linux_disks.sh'
	echo "== $1.lsblk"
	chroot /n lsblk -J -b -o NAME,KNAME,PKNAME,TYPE,FSTYPE,MOUNTPOINT,UUID,SIZE
	echo "== $1.dm_crypt"
	chroot /n dmsetup table --target crypt
}

{
	luks luks2 vda locked "--pbkdf pbkdf2"
	lvm pvcreate -qq /dev/mapper/locked
	lvm vgcreate -qq vg /dev/mapper/locked
	lvm lvcreate -qq -an -Zn -n root -L 64M vg; lvm lvcreate -qq -an -Zn -n home -L 32M vg; lvm lvcreate -qq -an -Zn -n swap -L 32M vg
	lvm vgchange -qq -ay vg; lvm vgmknodes
	for name in root home; do mkfs.ext4 -q /dev/vg/$name; done
	mkswap /dev/vg/swap
	mkfs.ext4 -q /dev/vdb
} >/dev/console

# 1: everything encrypted, LUKS2 beneath LVM, with a plain /boot
enter /dev/vg/root
mount /dev/vg/home /n/home
mount /dev/vdb /n/boot
swapon /dev/vg/swap
ask luks2_lvm

# 2: the same with a plain data volume
mkfs.ext4 -q -b 4096 /dev/vdc >/dev/console
mount /dev/vdc /n/srv/data
ask plain_data
umount /n/srv/data

# 3: the same with plain swap beside the encrypted one
mkswap /dev/vdd >/dev/console
swapon /dev/vdd
ask plain_swap
swapoff /dev/vdd

# 4: LUKS1 on RAID 1 as a data volume
mdadm --create /dev/md0 --run --level=1 --metadata=1.2 --raid-devices=2 /dev/vde /dev/vdf >/dev/console 2>&1
luks luks1 md0 raid >/dev/console
mkfs.ext4 -q -F /dev/mapper/raid >/dev/console
mount /dev/mapper/raid /n/srv/data
ask luks1_raid
umount /n/srv/data
cryptsetup close raid
mdadm --stop /dev/md0 >/dev/console 2>&1

# 5: btrfs over two encrypted disks, and over one encrypted and one plain
luks luks2 vde left "--pbkdf pbkdf2" >/dev/console
luks luks2 vdf right "--pbkdf pbkdf2" >/dev/console
mkfs.btrfs -q -f -m raid1 -d raid1 /dev/mapper/left /dev/mapper/right >/dev/console
btrfs device scan >/dev/console
mount /dev/mapper/left /n/srv/data
ask btrfs_luks
umount /n/srv/data
mkfs.btrfs -q -f -m raid1 -d raid1 /dev/mapper/left /dev/vdg >/dev/console
btrfs device scan >/dev/console
mount /dev/mapper/left /n/srv/data
ask btrfs_half
umount /n/srv/data
cryptsetup close left
cryptsetup close right

# 6: dm-verity checks and does not hide; lsblk calls it "crypt" all the same
veritysetup format --root-hash-file=/tmp/hash /dev/vdc /dev/vdd >/dev/console
veritysetup open /dev/vdc checked /dev/vdd "$(cat /tmp/hash)" >/dev/console
mount -o ro /dev/mapper/checked /n/srv/data
ask verity
umount /n/srv/data
veritysetup close checked

# 7: a mapping with no cipher at all
echo secret | cryptsetup open --type plain --cipher null --key-size 256 /dev/vdd null >/dev/console
mkfs.ext4 -q -F /dev/mapper/null >/dev/console
mount /dev/mapper/null /n/srv/data
ask null_cipher
umount /n/srv/data
cryptsetup close null

# 8: swap in compressed memory and in a file on the encrypted root
swapoff /dev/vg/swap
echo 16M >/sys/block/zram0/disksize
mkswap /dev/zram0 >/dev/console
swapon /dev/zram0
dd if=/dev/zero of=/n/swapfile bs=1M count=8 2>/dev/null
mkswap /n/swapfile >/dev/console
swapon /n/swapfile
ask swap_file
swapoff /n/swapfile

# 9: nothing encrypted
umount /n/boot
umount /n/home
leave
lvm vgchange -qq -an vg >/dev/console
cryptsetup close locked
mkfs.ext4 -q /dev/vdh >/dev/console
enter /dev/vdh
ask all_plain
leave

# no firewall program in sight, and no packet filter in the kernel
echo "== none.services"
su nobody -s /bin/sh -c 'sh /linux_services.sh'
echo "== none.network"
su nobody -s /bin/sh -c 'sh /linux_network.sh'
echo "== done"
