#!/bin/sh
# The release, the kernel that runs and those that are installed, a pending restart, the package
# managers that are there, and the age of the package lists of dnf and zypper. Only reads.
# Every line is "name value"; the last one counts the lines before it.

seconds() { # seconds FORMAT FILE: %Y modified, %Z placed
    stat -c "$1" "$2" 2>/dev/null || echo unknown
}

system() {
    release=/etc/os-release
    [ -r "$release" ] || release=/usr/lib/os-release
    [ -r "$release" ] && sed -n '1,60s/^/os /p' "$release"

    echo "kernel $(uname -r)"
    for image in /boot/vmlinuz-* /lib/modules/*/vmlinuz; do
        [ -e "$image" ] || continue
        case $image in
            *rescue*) continue ;;
            /boot/*) version=${image#/boot/vmlinuz-} ;;
            *) version=${image#/lib/modules/} version=${version%/vmlinuz} ;;
        esac
        echo "installed-kernel $(seconds %Z "$image") $version"
    done

    for flag in /run/reboot-required /var/run/reboot-required /run/reboot-needed; do
        [ -e "$flag" ] || continue
        echo "restart-needed $(seconds %Y "$flag")"
        break
    done
    for mark in /.dockerenv /run/.containerenv /run/systemd/container; do
        [ -e "$mark" ] && echo "container $mark"
    done

    for tool in apt-get dnf yum zypper apk pacman rpm-ostree transactional-update; do
        command -v "$tool" >/dev/null 2>&1 && echo "tool $tool"
    done

    for list in /var/cache/dnf/*/repodata/repomd.xml /var/cache/libdnf5/*/repodata/repomd.xml \
        /var/cache/zypp/raw/*/repodata/repomd.xml; do
        [ -r "$list" ] || continue
        advisories=no
        grep -q 'type="updateinfo"' "$list" && advisories=yes
        echo "list $(seconds %Y "$list") $advisories ${list%/repodata/repomd.xml}"
    done

    # Where systemd does not run, an enabled timer starts nothing.
    if [ -d /run/systemd/system ]; then
        for unit in dnf-automatic.timer dnf-automatic-install.timer dnf5-automatic.timer \
            transactional-update.timer os-update.timer; do
            state=$(systemctl is-enabled "$unit" 2>/dev/null) || continue
            echo "timer $unit $state"
        done
    fi
    for settings in /etc/dnf/automatic.conf /etc/dnf/dnf5-plugins/automatic.conf; do
        [ -r "$settings" ] && sed -n 's/^[[:space:]]*apply_updates[[:space:]]*=[[:space:]]*/apply-updates /p' "$settings"
    done
    # The last upgrade by dnf 4; whatever zypper installed last.
    sed -n 's/^\([0-9-]\{10\}\)T.* SUBDEBUG Upgraded\{0,1\}: .*/\1/p' /var/log/dnf.rpm.log 2>/dev/null |
        tail -n 1 | sed 's/^/last-install dnf /'
    sed -n 's/^\([0-9-]\{10\}\) [0-9:]*|install|.*/\1/p' /var/log/zypp/history 2>/dev/null |
        tail -n 1 | sed 's/^/last-install zypper /'
    echo complete
}

system | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
