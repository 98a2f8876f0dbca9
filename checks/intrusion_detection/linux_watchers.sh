#!/bin/sh
# Which programs that watch for attacks are installed and run, what they are set to watch, and when
# those that compare files last did so. Only reads. Every line is "name value"; the last one counts
# the lines before it.

UNITS='fail2ban.service crowdsec.service crowdsec-firewall-bouncer.service sshguard.service
psad.service wazuh-agent.service wazuh-manager.service ossec.service
osqueryd.service suricata.service snort.service snort3.service zeek.service falco.service
falco-modern-bpf.service falco-bpf.service falco-kmod.service samhain.service
dailyaidecheck.service aidecheck.service aide.service aide-check.service'

services() {
    # shellcheck disable=SC2086 # the units are words
    blocks=$(systemctl show -p Id,LoadState,ActiveState,Result,ExecMainStatus,ExecMainExitTimestamp \
        $UNITS 2>/dev/null)
    if [ -z "$blocks" ]; then
        echo "services unseen"
        return
    fi
    echo "services seen"
    printf '%s\n\n' "$blocks" | awk -F= '
        { field[$1] = $2 }
        $0 == "" && field["Id"] != "" && field["LoadState"] != "not-found" {
            print "unit " field["Id"] " " field["LoadState"] " " field["ActiveState"]
            if (field["ExecMainExitTimestamp"] != "")
                print "run " field["Id"] " " field["ExecMainStatus"] " " field["ExecMainExitTimestamp"]
        }
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
            fail2ban-server | crowdsec | crowdsec-firewa | sshguard | sshg-blocker | psad | \
                wazuh-agentd | wazuh-analysisd | ossec-agentd | ossec-analysisd | \
                osqueryd | Suricata-Main | suricata | snort | \
                snort3 | zeek | falco | samhain)
                echo "process $name"
                ;;
        esac
    done
}

installed() {
    for tool in fail2ban-client crowdsec sshguard psad osqueryd suricata snort zeek falco \
        samhain aide tripwire; do
        command -v "$tool" >/dev/null 2>&1 && echo "tool $tool"
    done
    for folder in /var/ossec /opt/zeek /opt/osquery; do
        [ -d "$folder" ] && echo "folder $folder"
    done
}

# Which jails the settings switch on, in the order in which fail2ban reads the files.
jails() {
    for path in /etc/fail2ban/jail.conf /etc/fail2ban/jail.d/*.conf /etc/fail2ban/jail.local \
        /etc/fail2ban/jail.d/*.local; do
        [ -f "$path" ] || continue
        if [ ! -r "$path" ]; then
            echo "jails unseen"
            continue
        fi
        awk '
            /^\[[^]]+\]/ { section = substr($0, 2, index($0, "]") - 2) }
            /^enabled[ \t]*[=:]/ {
                value = $0
                sub(/^[^=:]*[=:][ \t]*/, "", value)
                sub(/[ \t].*/, "", value)
                print "jail " section " " tolower(value)
            }' "$path"
    done
    for path in /var/log/auth.log /var/log/secure /var/log/messages /var/log/syslog; do
        [ -e "$path" ] && echo "log $path"
    done
}

newest() { # KIND FILES...: when the newest of the files was written
    kind=$1
    shift
    for path; do
        [ -e "$path" ] && stat -c '%Y' "$path" 2>/dev/null
    done | sort -n | tail -n 1 | sed "s/^/newest $kind /"
}

count() { # KIND FOLDER: how many files of settings the folder holds
    [ -r "$2" ] || return 0
    found=0
    for path in "$2"/*.yaml "$2"/*.yml; do
        [ -e "$path" ] && found=$((found + 1))
    done
    echo "count $1 $found"
}

settings() {
    if [ -d /etc/crowdsec ]; then
        count scenarios /etc/crowdsec/scenarios
        count acquisitions /etc/crowdsec/acquis.d
        [ -s /etc/crowdsec/acquis.yaml ] && echo "count acquisitions 1"
        newest hub /etc/crowdsec/hub/.index.json /var/lib/crowdsec/hub/.index.json
    fi
    newest suricata /var/lib/suricata/rules/*.rules /etc/suricata/rules/*.rules
    newest snort /etc/snort/rules/*.rules /var/lib/snort/rules/*.rules /usr/local/etc/rules/*.rules
    if [ -d /etc/osquery ]; then
        cat /etc/osquery/osquery.flags /etc/osquery/osquery.flags.default 2>/dev/null |
            sed -nE 's/^--(config_plugin|logger_plugin)=([a-z0-9_,]+)[[:space:]]*$/osquery \1 \2/p'
        cat /etc/osquery/osquery.conf /etc/osquery/osquery.conf.d/*.conf 2>/dev/null |
            grep -c '"interval"' | sed 's/^/count queries /'
    fi
}

watchers() {
    services
    processes
    installed
    [ -d /etc/fail2ban ] && jails
    settings
    echo complete
}

watchers | awk '{ print; last = $0 } END { if (last == "complete") print "end " NR }'
