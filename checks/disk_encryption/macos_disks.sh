#!/bin/sh
# FileVault, the mounted volumes, what APFS says of each, disk images and swap. Only reads.
# Every line is "name value"; the last one counts the lines before it.

named() { # named NAME: the input with the name before each line
    sed "s/^/$1 /"
}

disks() {
    fdesetup status 2>/dev/null | named filevault
    mount 2>/dev/null | named mount
    diskutil apfs list -plist 2>/dev/null | named apfs
    # A disk image lies in a file of one of the volumes.
    hdiutil info 2>/dev/null | sed -n 's|^/dev/\(disk[0-9]*\)[^0-9s].*|image \1|p' | sort -u
    /usr/sbin/sysctl -n vm.swapusage 2>/dev/null | named swap
    /usr/sbin/sysctl -n kern.hv_vmm_present 2>/dev/null | named virtual
    echo complete
}

disks | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
