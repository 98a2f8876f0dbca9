#!/bin/sh
# What an ordinary user can see of a firewall: tools, settings, services, kernel modules.
# It shows what is meant to run, never what the rules are. The last line is "end".

for tool in nft iptables ip6tables iptables-save ip6tables-save iptables-legacy-save \
	ip6tables-legacy-save ufw firewall-cmd; do
	command -v "$tool" >/dev/null 2>&1 && echo "tool $tool"
done

for file in /etc/ufw/ufw.conf /etc/default/ufw; do
	[ -r "$file" ] || continue
	while IFS='=' read -r key value; do
		case $key in
		ENABLED | IPV6 | DEFAULT_INPUT_POLICY) echo "ufw $key=$value" ;;
		esac
	done <"$file"
done

if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
	echo "services systemd"
	systemctl show --property=Id,LoadState,ActiveState,UnitFileState \
		nftables.service ufw.service firewalld.service netfilter-persistent.service \
		iptables.service ip6tables.service shorewall.service ferm.service \
		pve-firewall.service csf.service firehol.service 2>/dev/null |
		while read -r line; do echo "unit $line"; done
elif [ -d /etc/runlevels ]; then
	echo "services openrc"
	for service in nftables iptables ip6tables ufw firewalld awall shorewall; do
		for level in /etc/runlevels/*; do
			[ -e "$level/$service" ] && echo "runlevel $service"
		done
	done
fi

if [ -r /proc/modules ]; then
	echo "modules readable"
	grep -oE '^(nf_tables|ip_tables|ip6_tables) ' /proc/modules | while read -r module; do
		echo "module $module"
	done
fi
builtin=/lib/modules/$(uname -r)/modules.builtin
if [ -r "$builtin" ]; then
	echo "builtin readable"
	grep -oE '/(nf_tables|ip_tables|ip6_tables)\.ko$' "$builtin" | while read -r path; do
		path=${path#/}
		echo "module ${path%.ko}"
	done
fi
echo end
