"""The sections of a ``config.xml`` that are known: read here, or about nothing that is judged."""

from __future__ import annotations

import re

from assessor.devices.pfsense.names import words

TOP = words(
    """
    version lastchange theme system interfaces staticroutes dhcpd dhcpdv6 snmpd diag bridge bridges
    syslog nat filter shaper ipsec aliases proxyarp cron wol rrd load_balancer widgets openvpn
    dnshaper unbound dnsmasq revision cert ca crl ppps gateways vlans gifs gres laggs qinqs
    wireless ifgroups virtualip captiveportal voucher dyndnses dnsupdates hasync ntpd
    installedpackages schedules l2tp pptpd pppoes notifications sshdata kea dhcrelay dhcrelay6
    igmpproxy dhcpbackend sysctl ovpnserver wizardtemp rrddata ezshaper tftp switches OPNsense
    trigger_initial_wizard tailscale
    """
)
SYSTEM = words(
    """
    optimization hostname domain dnsserver dnsallowoverride dnsallowoverride_exclude dnslocalhost
    group user nextuid nextgid timezone timeservers webgui ssh authserver disablenatreflection
    usevirtualterminal disableconsolemenu disablevlanhwfilter disablechecksumoffloading
    disablesegmentationoffloading disablelargereceiveoffloading ipv6allow powerd_ac_mode
    powerd_battery_mode powerd_normal_mode powerd_enable bogons pf_share_forward lb_use_sticky
    rrdbackup netflowbackup dhcpbackup captiveportalbackup logsbackup dhcpleasesbackup alias_backup
    firmware language backup remotebackup backupcount use_mfs_tmp use_mfs_var use_mfs_tmp_size
    use_mfs_var_size serialspeed primaryconsole secondaryconsole serialusb enableserial
    enableserial_force theme kill_states maximumtableentries maximumstates maximumfrags
    aliasesresolveinterval scrubnodf scrubrnid disablescrub disablefilter disablereplyto
    disablenegate no_apipa_block schedule_states state-policy statepolicy adaptivestart adaptiveend
    tcpidletimeout rulesetoptimization natreflectionhelper enablenatreflectionhelper
    enablenatreflectionpurenat enablebinatreflection reflectiontimeout skip_rules_gw_down
    gw_down_kill_states gw_switch_default pf_disable_force_gw ip_change_kill_states prefer_ipv4
    ipv6dontcreatelocaldns global-v6duid dhcp6debug dhcp6norelease sharednet crypto_hardware
    thermal_hardware already_run_config_upgrade hn_altq_enable hwacceleration acb gitsync
    pkg_repo_conf_path sshguard_threshold sshguard_blocktime sshguard_detection_time
    sshguard_whitelist disableintegratedauth sudo_allow_wheel sudo_allow_group user_allow_gen_token
    deployment disablecrl notes harddiskstandby proxyurl proxyport proxyuser proxypass mailserver
    switch_interfaces lb_use_sticky srctrack bypassstaticroutes checkaliasesurlcert disablebeep
    disablemedia tcpfinwaittimeout updates_disabled disable_rc_check domainsearch ipv6duid
    dhcp6_debug dhcp6_norelease dhcp6_ratimeout syncookies syncookies_adaptstart
    syncookies_adaptend dns_search kernel_pti pti_disabled mds_disable earlyshellcmd shellcmd
    afterfilterchangeshellcmd sysctl maxmss enablesshd disablefirmwarecheck
    """
)
PACKAGES = re.compile(
    r"(?:package|menu|tab|service|miniupnpd|wireguard|tailscale|tailscaleauth|snort|suricata"
    r"|pfblocker|squid|lightsquid|acme|haproxy|autoconfigbackup|cron|nut|apcupsd|ntopng|darkstat"
    r"|bandwidthd|arpwatch|iperf|systempatches|sudo|mailreport|zabbix|telegraf|avahi|lldpd|nmap"
    r"|open-vm-tools|aws-wizard|freeradius|openvpn_client_export|vpn_openvpn_export|frr|quagga"
    r"|node_?exporter|udpbroadcastrelay|softflowd|shellcmd|service_?watchdog|filemanager|tftpd|bind"
    r"|statuspanel|syslogng|netsnmp|siproxd|stunnel|vnstat|filer|backup)\w*"
)
"""Of pfSense's packages: read here (some of them), or about nothing that is judged."""
