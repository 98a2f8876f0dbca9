#!/bin/sh
# The rules for new passwords (PAM, pwquality, passwdqc, login.defs), the local accounts without
# anything secret, and whether accounts come from a directory. Only reads.
# Every line is "name value"; the last one counts the lines before it.

settings() { # settings NAME FILE: its lines without comments and blanks
    [ -f "$2" ] || return
    if [ -r "$2" ]; then
        sed -n -e 's/#.*//' -e 's/[[:space:]]*$//' -e "/[^[:space:]]/s|^|$1 |p" "$2" | head -n 200
    else
        echo "unreadable $2"
    fi
}

services() { # the password and lock-out lines of PAM; a file in /etc hides the one in /usr
    set --
    for service in /etc/pam.d/* /usr/lib/pam.d/*; do
        [ -f "$service" ] || continue
        name=${service##*/}
        [ "$service" != "/etc/pam.d/$name" ] && [ -e "/etc/pam.d/$name" ] && continue
        [ -r "$service" ] || { echo "unreadable $service"; continue; }
        set -- "$@" "$service"
    done
    [ $# -gt 0 ] || return
    awk '
        FNR == 1 { name = FILENAME; sub(/.*\//, "", name) }
        {
            while (sub(/\\$/, " ") && (getline more) > 0) $0 = $0 more
            sub(/#.*/, "")
            sub(/^[ \t]+/, "")
            gsub(/[ \t]+/, " ")
        }
        /^(-?password|@include) / { print "pam " name " " $0 }
        /^-?auth .*pam_(faillock|tally2|tally)\.so/ { print "lockout " name " " $0 }
    ' "$@"
}

policy() {
    awk -F: 'NF > 6 { print "account " $1 " " $3 " " $7 }' /etc/passwd
    services
    for folder in /lib/security /lib64/security /usr/lib/security /usr/lib64/security \
        /lib/*/security /usr/lib/*/security; do
        for module in "$folder"/pam_unix.so "$folder"/pam_pwquality.so "$folder"/pam_passwdqc.so \
            "$folder"/pam_cracklib.so; do
            [ -e "$module" ] && echo "module ${module##*/}"
        done
    done | sort -u

    # libpwquality reads the folder first, so that the file itself has the last word.
    for file in /etc/security/pwquality.conf.d/*.conf /etc/security/pwquality.conf; do
        settings pwquality "$file"
    done
    settings passwdqc /etc/passwdqc.conf
    defaults=/etc/login.defs
    [ -e "$defaults" ] || defaults=/usr/etc/login.defs
    for file in "$defaults" /etc/login.defs.d/*.defs; do
        settings login-defs "$file" |
            grep -E '^(unreadable|login-defs[[:space:]]+(PASS_MAX_DAYS|ENCRYPT_METHOD|UID_MIN)[[:space:]])'
    done

    systemctl is-active sssd.service winbind.service nslcd.service ypbind.service 2>/dev/null |
        awk 'BEGIN { split("sssd winbind nslcd ypbind", name) }
            $0 == "active" { print "directory " name[NR] }'
    for mark in /run/sssd.pid /run/samba/winbindd.pid /run/nslcd/nslcd.pid; do
        [ -e "$mark" ] && echo "directory ${mark##*/}"
    done
    for program in /usr/bin/passwd /bin/passwd /usr/sbin/passwd; do
        [ -x "$program" ] || continue
        echo "program $(readlink -f "$program" 2>/dev/null || echo "$program")"
        break
    done
    echo complete
}

policy | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
