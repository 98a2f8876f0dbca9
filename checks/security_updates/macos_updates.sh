#!/bin/sh
# The release, what waits, and what macOS keeps of its own updates: settings, when it last looked
# and since when each update is on offer. Only reads: --no-scan asks for what is known already.
# Every line is "name value"; the last one counts the lines before it.

named() { # named NAME: the input with the name before each line
    sed "s/^/$1 /"
}

updates() {
    sw_vers 2>/dev/null | named os
    /usr/sbin/sysctl -n kern.boottime 2>/dev/null | named boot

    settings=com.apple.SoftwareUpdate.plist
    for place in Preferences "Managed Preferences"; do
        [ -e "/Library/$place/$settings" ] || continue
        name=preferences
        [ "$place" = Preferences ] || name=managed
        plutil -convert xml1 -o - "/Library/$place/$settings" 2>/dev/null | named "$name"
        [ -r "/Library/$place/$settings" ] || echo "unread $name"
    done

    # The banner is on standard output, "No new software available." on standard error.
    if command -v softwareupdate >/dev/null 2>&1; then
        softwareupdate --list --no-scan 2>&1 | named listed
    fi
    echo complete
}

updates | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
