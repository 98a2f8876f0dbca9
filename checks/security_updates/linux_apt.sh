#!/bin/sh
# What apt would upgrade, how old its package lists are, and when it last upgraded. Only reads:
# apt simulates, without its planner's log, and with its cache in memory where it could write one.
# Every line is "name value"; the last one counts the lines before it.

newest_first() { # this month's log and last month's
    cat "$1" 2>/dev/null
    gzip -cd "$1.1.gz" 2>/dev/null || cat "$1.1" 2>/dev/null
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

    stamp=/var/lib/apt/periodic/update-success-stamp
    [ -e "$stamp" ] && echo "updated $(stat -c %Y "$stamp" 2>/dev/null || echo unknown)"

    # Each release file of a package source begins with who published it and when.
    for release in /var/lib/apt/lists/*Release; do
        [ -r "$release" ] || continue
        head -n 40 "$release" | awk '
            /^(Label|Suite|Version|Codename|Date): / {
                name = $1
                sub(/^[A-Za-z]+: */, "")
                gsub(/[|]/, " ")
                field[name] = $0
            }
            END {
                print "source " field["Label:"] "|" field["Version:"] "|" field["Suite:"] \
                    "|" field["Codename:"] "|" field["Date:"]
            }'
    done

    # Not the command line itself: it may hold what is nobody's business.
    newest_first /var/log/apt/history.log | awk '
        /^Start-Date: / { start = $2; how = "other"; count = 0; wrong = "ok" }
        /^Commandline: ([^ ]*\/)?unattended-upgrade( |$)/ { how = "upgrade" }
        /^Commandline: .*((dist-|full-|safe-| )upgrade( |$)|update-packages)/ { how = "upgrade" }
        /^Upgrade: / { count = gsub(/\), /, "), ") + 1 }
        /^Error: / { wrong = "error" }
        /^End-Date: / && count { print "history " start " " count " " wrong " " how }' |
        sort -r | head -n 20
    newest_first /var/log/dpkg.log | awk '$3 == "upgrade" { print $1 }' | sort | tail -n 1 |
        sed 's/^/last-upgrade /'

    dpkg-query -W -f '${db:Status-Want} ${Package}\n' 2>/dev/null |
        sed -n 's/^hold /hold /p' | head -n 50

    set -- -s -q -o Debug::NoLocking=true -o Dir::Log::Planner=/dev/null --ignore-hold
    [ -w /var/cache/apt ] && set -- "$@" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
    result=$(apt-get "$@" dist-upgrade 2>/dev/null)
    status=$?
    printf '%s\n' "$result" | sed 's/^/apt /'
    echo "status $status"
    echo complete
}

apt | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
