#!/bin/sh
# Which installed packages apt knows a newer version of, how old its lists are, and when it last
# upgraded. Only reads, with apt's cache in memory where it could write one. A simulated upgrade
# would say little more and takes a host four times the work.
# Every line is "name value"; the last one counts the lines before it.

newest_first() { # this month's log and last month's
    cat "$1" 2>/dev/null
    gzip -cd "$1.1.gz" 2>/dev/null || cat "$1.1" 2>/dev/null
}

# Of each package with a newer version: what is installed, what apt would choose, and every newer
# version with its sources. "answered" counts all packages.
newer_versions() {
    awk '
        /^[^ ]/ { block = "policy " $0; newer = 0; below = 0; answered++; next }
        /^  [A-Z]/ { block = block "\npolicy " $0; next }
        /^ \*\*\* / { if (newer) print block "\npolicy " $0; below = 1; next }
        !below && /^     / { newer = 1; block = block "\npolicy " $0 }
        END { print "answered " answered + 0 }'
}

apt() {
    if ! command -v apt-get >/dev/null 2>&1; then
        echo absent
        echo complete
        return
    fi

    apt-config dump 2>/dev/null | sed -n -E \
        -e '/^APT::Periodic::(Update-Package-Lists|Unattended-Upgrade) /s/^/setting /p' \
        -e '/^Unattended-Upgrade::(Allowed-Origins|Origins-Pattern|Package-Blacklist):: /s/^/setting /p' |
        head -n 60
    command -v unattended-upgrade >/dev/null 2>&1 && echo "tool unattended-upgrade"
    # What runs it: a timer where systemd runs, else a daily cron job.
    if [ -d /run/systemd/system ]; then
        for unit in apt-daily.timer apt-daily-upgrade.timer; do
            state=$(systemctl is-enabled "$unit" 2>/dev/null)
            echo "trigger $unit ${state:-off}"
        done
    else
        # apt-compat leaves the work to the timer where systemd runs
        for job in /etc/cron.daily/apt-compat /etc/cron.daily/apt; do
            [ -x "$job" ] && command -v cron >/dev/null 2>&1 && echo "trigger $job cron"
        done
    fi

    # Each stamp is touched when its job has succeeded (apt.systemd.daily).
    for stamp in update-success-stamp upgrade-stamp; do
        [ -e "/var/lib/apt/periodic/$stamp" ] || continue
        echo "$stamp $(stat -c %Y "/var/lib/apt/periodic/$stamp" 2>/dev/null || echo unknown)"
    done

    # Each release file of a package source begins with who published it and when.
    for release in /var/lib/apt/lists/*Release; do
        [ -r "$release" ] || continue
        head -n 40 "$release" | awk -v file="${release##*/}" '
            /^(Label|Suite|Version|Codename|Date): / {
                name = $1
                sub(/^[A-Za-z]+: */, "")
                gsub(/[|]/, " ")
                field[name] = $0
            }
            END {
                print "source " file "|" field["Label:"] "|" field["Version:"] "|" field["Suite:"] \
                    "|" field["Codename:"] "|" field["Date:"]
            }'
    done

    # Not the command line itself: it may hold what is nobody's business.
    newest_first /var/log/apt/history.log | awk '
        /^Start-Date: / { start = $2; how = "other"; count = 0; wrong = "ok" }
        /^Commandline: ([^ ]*\/)?unattended-upgrade( |$)/ { how = "unattended" }
        /^Commandline: .*((dist-|full-|safe-| )upgrade( |$)|update-packages)/ { how = "upgrade" }
        /^Upgrade: / { count = gsub(/\), /, "), ") + 1 }
        /^Error: / { wrong = "error" }
        /^End-Date: / && count { print "history " start " " count " " wrong " " how }' |
        sort -r | head -n 20
    newest_first /var/log/dpkg.log | awk '$3 == "upgrade" { print $1 }' | sort | tail -n 1 |
        sed 's/^/last-upgrade /'

    # shellcheck disable=SC2046 # the names of packages are words
    set -- $(dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package}\n' 2>/dev/null |
        sed -n 's/^[a-z]i[^A-Za-z0-9]*//p')
    dpkg-query -W -f '${db:Status-Want} ${Package}\n' 2>/dev/null |
        sed -n 's/^hold /hold /p' | head -n 50
    for product in pve-manager proxmox-backup-server pmg-api; do
        version=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$product" 2>/dev/null) || continue
        [ "${version%% *}" = installed ] && echo "product $product ${version#* }"
    done

    echo "asked $#"
    set -- policy "$@"
    [ -w /var/cache/apt ] && set -- -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@"
    result=$(apt-cache "$@" 2>/dev/null)
    status=$?
    printf '%s\n' "$result" | newer_versions
    echo "status $status"
    echo complete
}

apt | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
