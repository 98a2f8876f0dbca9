#!/bin/sh
# How the machine's storage is put together and whether it is whole, and which programs watch over the
# machine. Only reads. Every line is "name value"; the last one counts the lines before it.

UNITS='zabbix-agent.service zabbix-agent2.service icinga2.service nrpe.service
nagios-nrpe-server.service prometheus-node-exporter.service node_exporter.service
check-mk-agent.socket cmk-agent-ctl-daemon.service netdata.service telegraf.service monit.service
datadog-agent.service newrelic-infra.service amazon-cloudwatch-agent.service collectd.service
munin-node.service snmpd.service alloy.service grafana-agent.service metricbeat.service
beszel-agent.service smartd.service smartmontools.service'

services() {
    # shellcheck disable=SC2086 # the units are words
    blocks=$(systemctl show -p Id,ActiveState $UNITS 2>/dev/null)
    if [ -z "$blocks" ]; then
        echo "services unseen"
        return
    fi
    echo "services seen"
    printf '%s\n\n' "$blocks" | awk -F= '
        { field[$1] = $2 }
        $0 == "" && field["ActiveState"] == "active" { print "active " field["Id"] }
        $0 == "" { split("", field) }'
}

processes() {
    if ! read -r name 2>/dev/null </proc/1/comm; then
        echo "processes unseen"
        return
    fi
    echo "processes seen"
    # The kernel shows 15 letters of a name.
    cat /proc/[0-9]*/comm 2>/dev/null | sort -u | while read -r name; do
        case $name in
            zabbix_agentd | zabbix_agent2 | icinga2 | nrpe | node_exporter | prometheus-node | \
                cmk-agent-ctl | netdata | telegraf | monit | newrelic-infra | \
                amazon-cloudwat | collectd | munin-node | snmpd | alloy | grafana-agent | \
                metricbeat | beszel-agent | smartd | mdadm)
                echo "process $name"
                ;;
        esac
    done
}

# A job that reports to a watcher elsewhere; the address is a secret, and is not shown.
reports() {
    grep -lE '^[^#]*(/api/push/|hc-ping\.com/|heartbeat)' /etc/crontab /etc/cron.d/* 2>/dev/null |
        head -n 5 | sed 's/^/reports /'
}

mounts() {
    awk '
        {
            for (at = 7; at <= NF && $at != "-"; at++);
            type = $(at + 1)
            if (type ~ /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|bcachefs)$/)
                print "mount " $3 " " type " " $(at + 2) " " $5
        }' /proc/self/mountinfo 2>/dev/null | head -n 200
}

blocks() {
    for folder in /sys/class/block/*; do
        node=${folder##*/}
        case $node in
            loop* | ram* | zram* | sr* | nbd* | fd*) continue ;;
        esac
        read -r number 2>/dev/null <"$folder/dev" || continue
        if [ -e "$folder/partition" ]; then
            whole=$(readlink "$folder")
            whole=${whole%/*}
            echo "part $number $node ${whole##*/}"
            continue
        fi
        kind='-' title='-'
        if [ -e "$folder/dm/uuid" ]; then
            read -r kind 2>/dev/null <"$folder/dm/uuid"
            read -r title 2>/dev/null <"$folder/dm/name"
            # Behind the kind stands a key of the volume's own.
            kind=dm-${kind%%-*}
        elif [ -e "$folder/device/model" ]; then
            read -r title 2>/dev/null <"$folder/device/model"
            read -r kind 2>/dev/null <"$folder/device/vendor" || kind='-'
        fi
        echo "block $number $node ${kind:--} ${title:--}"
        for slave in "$folder"/slaves/*; do
            [ -e "$slave" ] && echo "slave $node ${slave##*/}"
        done
    done
}

arrays() {
    sed 's/^/md /' /proc/mdstat 2>/dev/null | grep -v '^md $'
    if command -v zpool >/dev/null 2>&1; then
        zpool status 2>/dev/null | sed 's/^/zpool /' | head -n 500
    fi
    for folder in /sys/fs/btrfs/*-*; do
        [ -d "$folder/devices" ] || continue
        id=${folder##*/}
        for profile in "$folder"/allocation/data/*/; do
            profile=${profile%/}
            case ${profile##*/} in
                single | dup | raid*) echo "btrfs $id ${profile##*/}" ;;
            esac
        done
        for device in "$folder"/devices/*; do
            [ -e "$device" ] && echo "btrfs_device $id ${device##*/}"
        done
        for missing in "$folder"/devinfo/*/missing; do
            read -r value 2>/dev/null <"$missing" && [ "$value" = 1 ] && echo "btrfs_missing $id"
        done
    done
    for device in /sys/bus/pci/devices/*; do
        read -r class 2>/dev/null <"$device/class" || continue
        case $class in
            0x0104*)
                driver=$(readlink "$device/driver")
                echo "controller ${driver##*/}"
                ;;
        esac
    done
}

machine() {
    grep -qE '^flags.* hypervisor' /proc/cpuinfo 2>/dev/null && echo "virtual yes"
    read -r seconds _ 2>/dev/null </proc/uptime && echo "uptime ${seconds%.*}"
    for bond in /proc/net/bonding/*; do
        [ -r "$bond" ] || continue
        awk -v bond="${bond##*/}" -F': ' '
            /^Slave Interface/ { slave = $2 }
            /^MII Status/ && slave != "" { print "bond " bond " " slave " " $2 }' "$bond"
    done
}

{
    services
    processes
    reports
    mounts
    blocks
    arrays
    machine
    echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
