#!/bin/sh
# What the uninterruptible power supplies report to this machine: by NUT and by apcupsd, each asked on
# this machine itself. Only reads; no password, no name of a remote host. Every line is "name value";
# the last one counts the lines before it.

processes() {
    if ! read -r name 2>/dev/null </proc/1/comm; then
        echo "processes unseen"
        return
    fi
    echo "processes seen"
    cat /proc/[0-9]*/comm 2>/dev/null | sort -u |
        sed -nE 's/^(upsmon|upsd|apcupsd|pwrstatd)$/process &/p'
}

nut() {
    command -v upsc >/dev/null 2>&1 || return 0
    echo "tool upsc"
    if ! names=$(upsc -l localhost 2>/dev/null); then
        echo "nut silent"
        return 0
    fi
    for name in $names; do
        case $name in
            *[!A-Za-z0-9_.-]*) continue ;;
        esac
        echo "nut $name"
        upsc "$name@localhost" 2>&1 | name=$name awk -F': ' '
            $1 == "Error" { print "error " ENVIRON["name"] " " $2 }
            $1 ~ /^(ups\.(status|alarm|model|test\.result)|device\.model|battery\.(runtime|date|mfr\.date)|driver\.(name|parameter\.(mode|port)))$/ {
                value = $0
                sub(/^[^:]*: */, "", value)
                print "value " ENVIRON["name"] " " $1 " " value
            }'
        # Who is told when the power fails; NUT before 2.6 cannot say.
        if clients=$(upsc -c "$name@localhost" 2>/dev/null); then
            echo "clients $name $(printf '%s\n' "$clients" | grep -cE '^(127\.|::1$|::ffff:127\.)')"
        fi
    done
}

apcupsd() {
    command -v apcaccess >/dev/null 2>&1 || return 0
    echo "tool apcaccess"
    port=$(sed -n 's/^NISPORT[[:space:]]\{1,\}\([0-9]\{1,5\}\).*/\1/p' /etc/apcupsd/apcupsd.conf 2>/dev/null | tail -n 1)
    if ! answer=$(apcaccess status "localhost:${port:-3551}" 2>/dev/null); then
        echo "apc silent"
        return 0
    fi
    printf '%s\n' "$answer" | awk '
        { at = index($0, ":"); key = substr($0, 1, at - 1); value = substr($0, at + 1) }
        { sub(/ +$/, "", key); sub(/^ +/, "", value); sub(/ +$/, "", value) }
        key ~ /^(MODEL|STATUS|TIMELEFT|SELFTEST|BATTDATE)$/ { print "apc " key " " value }
        key == "END APC" { print "apc END" }'
}

attached() {
    command -v pwrstat >/dev/null 2>&1 && echo "tool pwrstat"
    for path in /sys/bus/usb/devices/*/idVendor; do
        [ -r "$path" ] || continue
        read -r vendor <"$path"
        case $vendor in
            051d) echo "usb APC" ;;
            0764) echo "usb CyberPower" ;;
            0463) echo "usb Eaton" ;;
            09ae) echo "usb Tripp Lite" ;;
            06da) echo "usb Phoenixtec" ;;
        esac
    done
}

{
    processes
    nut
    apcupsd
    attached
    echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
