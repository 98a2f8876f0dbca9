# oct/12/2026 10:00:00 by RouterOS 6.49.22
# software id = YGJJ-XXXX
#
# model = RBD52G-5HacD2HnD
# serial number = D7160C000000
/interface bridge
add admin-mac=64:D1:54:00:00:05 ageing-time=5m arp=enabled arp-timeout=auto \
    auto-mac=no comment=defconf dhcp-snooping=no disabled=no fast-forward=yes \
    forward-delay=15s igmp-snooping=no max-message-age=20s mtu=auto name=\
    bridge priority=0x8000 protocol-mode=rstp transmit-hold-count=6 \
    vlan-filtering=no
/interface ethernet
set [ find default-name=ether1 ] advertise=\
    10M-half,10M-full,100M-half,100M-full,1000M-half,1000M-full arp=enabled \
    auto-negotiation=yes bandwidth=unlimited/unlimited disabled=no \
    full-duplex=yes l2mtu=1598 name=ether1 speed=100Mbps
/interface list
set [ find name=all ] comment="contains all interfaces" exclude="" include="" \
    name=all
set [ find name=none ] comment="contains no interfaces" exclude="" include="" \
    name=none
set [ find name=dynamic ] comment="contains dynamic interfaces" exclude="" \
    include="" name=dynamic
set [ find name=static ] comment="contains static interfaces" exclude="" \
    include="" name=static
add comment=defconf exclude="" include="" name=WAN
add comment=defconf exclude="" include="" name=LAN
/interface wireless security-profiles
set [ find default=yes ] authentication-types=wpa2-psk disable-pmkid=no \
    eap-methods=passthrough group-ciphers=aes-ccm group-key-update=5m \
    interim-update=0s management-protection=disabled \
    management-protection-key="Mgmt-Sleutel-44" mode=dynamic-keys mschapv2-password=\
    "Mschap-Woord-45" mschapv2-username="" name=default radius-called-format=mac:ssid \
    radius-eap-accounting=no radius-mac-accounting=no \
    radius-mac-authentication=no radius-mac-caching=disabled \
    radius-mac-format=XX:XX:XX:XX:XX:XX radius-mac-mode=as-username \
    static-algo-0=none static-algo-1=none static-key-0="" static-key-1="" \
    static-sta-private-algo=none static-sta-private-key="Sta-Sleutel-46" \
    static-transmit-key=key-0 supplicant-identity=MikroTik tls-certificate=none \
    tls-mode=no-certificates unicast-ciphers=aes-ccm wpa-pre-shared-key="" \
    wpa2-pre-shared-key="fiets appel maan 12"
/interface wireless
set [ find default-name=wlan1 ] adaptive-noise-immunity=none band=2ghz-b/g/n \
    bridge-mode=enabled channel-width=20mhz country=netherlands \
    default-authentication=yes default-forwarding=yes disabled=no \
    mode=ap-bridge name=wlan1 nv2-preshared-key=Nv2-Sleutel-47 \
    nv2-security=disabled security-profile=default ssid=Thuiskantoor \
    vlan-id=1 vlan-mode=no-tag wds-mode=disabled wps-mode=disabled
/ip ipsec profile
set [ find default=yes ] dh-group=modp2048,modp1024 dpd-interval=2m \
    dpd-maximum-failures=5 enc-algorithm=aes-128,3des hash-algorithm=sha1 \
    lifetime=1d name=default nat-traversal=yes proposal-check=obey
/ip ipsec proposal
set [ find default=yes ] auth-algorithms=sha1 disabled=no enc-algorithms=\
    aes-256-cbc,aes-192-cbc,aes-128-cbc lifetime=30m name=default pfs-group=\
    modp1024
/ip dhcp-server
add address-pool=dhcp authoritative=yes disabled=no interface=bridge \
    lease-script="" lease-time=10m name=defconf use-radius=no
/snmp community
set [ find default=yes ] addresses=0.0.0.0/0 authentication-password="" \
    authentication-protocol=MD5 disabled=no encryption-password="" \
    encryption-protocol=DES name=public read-access=yes security=none \
    write-access=no
/system logging action
set 0 memory-lines=1000 memory-stop-on-full=no name=memory target=memory
set 1 disk-file-count=2 disk-file-name=flash/log disk-lines-per-file=1000 \
    disk-stop-on-full=no name=disk target=disk
set 2 name=echo remember=yes target=echo
set 3 bsd-syslog=no name=remote remote=0.0.0.0 remote-port=514 src-address=\
    0.0.0.0 syslog-facility=daemon syslog-severity=auto \
    syslog-time-format=bsd-syslog target=remote
/user group
set read name=read policy="local,telnet,ssh,reboot,read,test,winbox,password,w\
    eb,sniff,sensitive,api,romon,dude,tikapp,!ftp,!write,!policy" skin=default
/interface bridge port
add bridge=bridge comment=defconf disabled=no interface=ether2
add bridge=bridge comment=defconf disabled=no interface=wlan1
/ip firewall connection tracking
set enabled=auto generic-timeout=10m
/interface l2tp-server server
set allow-fast-path=no authentication=pap,chap,mschap1,mschap2 \
    caller-id-type=ip-address default-profile=default-encryption enabled=no \
    ipsec-secret="L2tp-Uit-48" keepalive-timeout=30 max-mru=1450 max-mtu=1450 \
    max-sessions=unlimited mrru=disabled one-session-per-host=no use-ipsec=no
/interface list member
add comment=defconf disabled=no interface=bridge list=LAN
add comment=defconf disabled=no interface=ether1 list=WAN
/interface pptp-server server
set authentication=mschap1,mschap2 default-profile=default-encryption \
    enabled=no keepalive-timeout=30 max-mru=1450 max-mtu=1450 mrru=disabled
/ip address
add address=192.168.88.1/24 comment=defconf disabled=no interface=bridge \
    network=192.168.88.0
add address=198.51.100.10/30 disabled=no interface=ether1 network=\
    198.51.100.8
/ip cloud
set ddns-enabled=no ddns-update-interval=none update-time=no
/ip dns
set allow-remote-requests=yes cache-max-ttl=1w cache-size=2048KiB servers=\
    9.9.9.9
/ip firewall filter
add action=accept chain=input comment="defconf: accept established,related,unt\
    racked" connection-state=established,related,untracked !protocol !ipsec-policy !connection-bytes !connection-limit !connection-mark !connection-rate !connection-type !content disabled=no !dscp !dst-address !dst-address-list !dst-address-type !dst-limit !fragment !hotspot !icmp-options !in-bridge-port !in-bridge-port-list !in-interface !ingress-priority !ipv4-options !layer7-protocol !limit log=no log-prefix="" !nth !out-bridge-port !out-bridge-port-list !out-interface !out-interface-list !packet-mark !packet-size !per-connection-classifier !port !priority !psd !random !routing-mark !routing-table !src-address !src-address-list !src-address-type !src-mac-address !src-port !tcp-flags !tcp-mss !time !tls-host !ttl
add action=drop chain=input connection-state=invalid !protocol !ipsec-policy !connection-bytes !connection-limit !connection-mark !connection-rate !connection-type !content disabled=no !dscp !dst-address !dst-address-list !dst-address-type !dst-limit !fragment !hotspot !icmp-options !in-bridge-port !in-bridge-port-list !in-interface !ingress-priority !ipv4-options !layer7-protocol !limit log=no log-prefix="" !nth !out-bridge-port !out-bridge-port-list !out-interface !out-interface-list !packet-mark !packet-size !per-connection-classifier !port !priority !psd !random !routing-mark !routing-table !src-address !src-address-list !src-address-type !src-mac-address !src-port !tcp-flags !tcp-mss !time !tls-host !ttl
add action=accept chain=input protocol=icmp !ipsec-policy !connection-bytes !connection-limit !connection-mark !connection-rate !connection-type !content disabled=no !dscp !dst-address !dst-address-list !dst-address-type !dst-limit !fragment !hotspot !icmp-options !in-bridge-port !in-bridge-port-list !in-interface !ingress-priority !ipv4-options !layer7-protocol !limit log=no log-prefix="" !nth !out-bridge-port !out-bridge-port-list !out-interface !out-interface-list !packet-mark !packet-size !per-connection-classifier !port !priority !psd !random !routing-mark !routing-table !src-address !src-address-list !src-address-type !src-mac-address !src-port !tcp-flags !tcp-mss !time !tls-host !ttl
add action=drop chain=input comment="defconf: drop all not coming from LAN" \
    in-interface-list=!LAN !protocol !ipsec-policy !connection-bytes !connection-limit !connection-mark !connection-rate !connection-type !content disabled=no !dscp !dst-address !dst-address-list !dst-address-type !dst-limit !fragment !hotspot !icmp-options !in-bridge-port !in-bridge-port-list !in-interface !ingress-priority !ipv4-options !layer7-protocol !limit log=no log-prefix="" !nth !out-bridge-port !out-bridge-port-list !out-interface !out-interface-list !packet-mark !packet-size !per-connection-classifier !port !priority !psd !random !routing-mark !routing-table !src-address !src-address-list !src-address-type !src-mac-address !src-port !tcp-flags !tcp-mss !time !tls-host !ttl
add action=accept chain=forward connection-state=\
    established,related,untracked !protocol !ipsec-policy !connection-bytes !connection-limit !connection-mark !connection-rate !connection-type !content disabled=no !dscp !dst-address !dst-address-list !dst-address-type !dst-limit !fragment !hotspot !icmp-options !in-bridge-port !in-bridge-port-list !in-interface !ingress-priority !ipv4-options !layer7-protocol !limit log=no log-prefix="" !nth !out-bridge-port !out-bridge-port-list !out-interface !out-interface-list !packet-mark !packet-size !per-connection-classifier !port !priority !psd !random !routing-mark !routing-table !src-address !src-address-list !src-address-type !src-mac-address !src-port !tcp-flags !tcp-mss !time !tls-host !ttl
add action=drop chain=forward connection-nat-state=!dstnat connection-state=\
    new in-interface-list=WAN !protocol !ipsec-policy !connection-bytes !connection-limit !connection-mark !connection-rate !connection-type !content disabled=no !dscp !dst-address !dst-address-list !dst-address-type !dst-limit !fragment !hotspot !icmp-options !in-bridge-port !in-bridge-port-list !in-interface !ingress-priority !ipv4-options !layer7-protocol !limit log=no log-prefix="" !nth !out-bridge-port !out-bridge-port-list !out-interface !out-interface-list !packet-mark !packet-size !per-connection-classifier !port !priority !psd !random !routing-mark !routing-table !src-address !src-address-list !src-address-type !src-mac-address !src-port !tcp-flags !tcp-mss !time !tls-host !ttl
/ip firewall nat
add action=masquerade chain=srcnat out-interface-list=WAN ipsec-policy=\
    out,none !to-addresses !to-ports
/ip proxy
set always-from-cache=no anonymous=no cache-administrator=webmaster enabled=no \
    port=8080 src-address=::
/ip route
add disabled=no distance=1 dst-address=0.0.0.0/0 gateway=198.51.100.9 scope=30 \
    target-scope=10
/ip service
set telnet address="" disabled=yes port=23
set ftp address="" disabled=yes port=21
set www address=192.168.88.0/24 disabled=no port=80
set ssh address=192.168.88.0/24 disabled=no port=22
set www-ssl address="" certificate=none disabled=yes port=443 tls-version=any
set api address="" disabled=yes port=8728
set winbox address=192.168.88.0/24 disabled=no port=8291
set api-ssl address="" certificate=none disabled=yes port=8729 tls-version=any
/ip socks
set auth-method=none connection-idle-timeout=2m enabled=no max-connections=200 \
    port=1080 version=4
/ip ssh
set allow-none-crypto=no always-allow-password-login=no forwarding-enabled=no \
    host-key-size=2048 strong-crypto=yes
/ip upnp
set allow-disable-external-interface=no enabled=no show-dummy-rule=yes
/snmp
set contact="" enabled=no engine-id="" location="" src-address=:: \
    trap-community=public trap-generators=temp-exception trap-target="" \
    trap-version=1
/system identity
set name=thuiskantoor
/system logging
set 0 action=memory disabled=no prefix="" topics=info
set 1 action=memory disabled=no prefix="" topics=error
set 2 action=memory disabled=no prefix="" topics=warning
set 3 action=echo disabled=no prefix="" topics=critical
/system ntp client
set enabled=no primary-ntp=0.0.0.0 secondary-ntp=0.0.0.0 server-dns-names=""
/tool bandwidth-server
set allocate-udp-ports-from=2000 authenticate=yes enabled=no max-sessions=100
/tool mac-server
set allowed-interface-list=LAN
/tool mac-server mac-winbox
set allowed-interface-list=LAN
/tool romon
set enabled=no id=00:00:00:00:00:00 secrets="Romon-Woord-49"
/user aaa
set accounting=yes default-group=read exclude-groups="" interim-update=0s \
    use-radius=no
