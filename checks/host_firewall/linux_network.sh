#!/bin/sh
# Interfaces, IPv6 addresses, default routes and listening sockets. Reads only; needs no rights.
# One line a fact; the last line is "end", so that a cut-off answer is recognised.

for folder in /sys/class/net/*; do
	[ -d "$folder" ] || continue
	name=${folder##*/}
	kind=none
	while IFS='=' read -r key value; do
		[ "$key" = DEVTYPE ] && kind=$value
	done 2>/dev/null <"$folder/uevent"
	[ -e "$folder/tun_flags" ] && kind=tun
	[ -d "$folder/bridge" ] && kind=bridge
	type=0 flags=0x0 device=no member=no lower=
	read -r type 2>/dev/null <"$folder/type"
	read -r flags 2>/dev/null <"$folder/flags"
	[ -e "$folder/device" ] && device=yes
	if [ -e "$folder/brport" ] || [ -e "$folder/bonding_slave" ]; then member=yes; fi
	for link in "$folder"/lower_*; do
		[ -e "$link" ] && lower="$lower,${link##*/lower_}"
	done
	echo "interface $name type=$type flags=$flags kind=$kind device=$device member=$member lower=${lower#,}"
done

# /proc/net/route: name, destination, gateway, flags, ..., mask (8th field), all in hexadecimal
if [ -r /proc/net/route ]; then
	while read -r name destination _ _ _ _ _ mask _; do
		[ "$destination$mask" = 0000000000000000 ] && echo "default4 $name"
	done </proc/net/route
fi

# /proc/net/if_inet6: address, index, prefix length, scope, flags, name
if [ -r /proc/net/if_inet6 ]; then
	echo "ipv6 present"
	while read -r address _ _ scope _ name; do
		echo "address6 $name scope=$scope address=$address"
	done </proc/net/if_inet6
	if [ -r /proc/net/ipv6_route ]; then
		grep '^00000000000000000000000000000000 00 ' /proc/net/ipv6_route 2>/dev/null |
			while read -r _ _ _ _ _ _ _ _ _ name; do
				[ "$name" = lo ] || echo "default6 $name"
			done
	fi
elif [ -d /proc/sys/net/ipv6 ]; then
	echo "ipv6 unreadable"
else
	echo "ipv6 absent"
fi

if command -v ss >/dev/null 2>&1; then
	ss -ltnu 2>/dev/null | while read -r line; do echo "ss $line"; done
else
	# state 0A is LISTEN, 07 is a UDP socket without a peer
	for table in tcp tcp6 udp udp6; do
		grep -E '^ *[0-9]+: [0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:0000 (0A|07) ' "/proc/net/$table" 2>/dev/null |
			while read -r _ local _; do echo "socket $table $local"; done
	done
fi
echo end
