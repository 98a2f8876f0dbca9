#!/bin/sh
# Which temperatures and humidities this machine can read: its own sensors, those of a UPS, and whether
# it has a management controller (BMC). Only reads. Every line is "name value"; the last one counts the
# lines before it. A reading is "temperature SOURCE DEGREES LABEL" or "humidity SOURCE PERCENT LABEL".

lm_sensors() {
    sensors -u 2>/dev/null | awk '
        /^[^ ].*:$/ { label = substr($0, 1, length($0) - 1); next }
        /^[^ :]+$/ { chip = $0; next }
        /^ +temp[0-9]+_input: / { print "temperature " chip " " $2 " " label }
        /^ +humidity[0-9]+_input: / { print "humidity " chip " " $2 " " label }'
}

kernel_sensors() {
    for input in /sys/class/hwmon/hwmon*/temp*_input /sys/class/hwmon/hwmon*/humidity*_input; do
        read -r value 2>/dev/null <"$input" || continue
        chip='-' label=''
        read -r chip 2>/dev/null <"${input%/*}/name"
        read -r label 2>/dev/null <"${input%_input}_label"
        kind=${input##*/}
        echo "${kind%%[0-9]*} $chip $value ${label:-${kind%_input}}"
    done | awk '{
        kind = $1 == "temp" ? "temperature" : $1
        chip = $2
        value = $3 / 1000
        sub(/^[^ ]+ [^ ]+ [^ ]+ /, "")
        print kind " " chip " " value " " $0
    }'
}

ups_sensors() {
    command -v upsc >/dev/null 2>&1 || return 0
    for name in $(upsc -l localhost 2>/dev/null); do
        case $name in
            *[!A-Za-z0-9_.-]*) continue ;;
        esac
        upsc "$name@localhost" 2>/dev/null | name=$name awk -F': ' '
            $1 == "driver.parameter.port" && $2 ~ /\.(dev|seq)$/ { simulated = 1 }
            $1 ~ /^ambient\.([0-9]+\.)?(temperature|humidity)$/ {
                kind = $1
                sub(/.*\./, "", kind)
                lines = lines kind " nut-" ENVIRON["name"] " " $2 " " $1 "\n"
            }
            END { if (!simulated) printf "%s", lines }'
    done
}

{
    if command -v sensors >/dev/null 2>&1; then
        lm_sensors
    else
        kernel_sensors
    fi
    ups_sensors
    for device in /dev/ipmi0 /dev/ipmi/0 /dev/ipmidev/0; do
        [ -e "$device" ] && echo "controller $device"
    done
    echo complete
} | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
