# 2026-11-02 21:15:00 by RouterOS 7.24.5
# software id = ABCD-EFGH
#
# model = RB760iGS
# serial number = HGX00000000
/interface bridge
add admin-mac=48:8F:5A:00:00:01 auto-mac=no comment=defconf name=bridge \
    port-cost-mode=short
/interface vlan
add interface=bridge name=vlan30-servers vlan-id=30
/interface ethernet
set [ find default-name=ether5 ] comment="to printer (wire)" disabled=yes
/interface list
add comment=defconf name=WAN
add comment=defconf name=LAN
/ip pool
add name=dhcp ranges=192.168.88.10-192.168.88.254
/ip dhcp-server
add address-pool=dhcp interface=bridge name=defconf
/interface bridge port
add bridge=bridge comment=defconf interface=ether2
add bridge=bridge comment=defconf interface=ether3
add bridge=bridge comment=defconf interface=ether4
/interface list member
add comment=defconf interface=bridge list=LAN
add comment=defconf interface=vlan30-servers list=LAN
add comment=defconf interface=ether1 list=WAN
/interface ovpn-server server
add auth=sha256 cipher=aes256-gcm mac-address=FE:05:7E:00:00:01 name=\
    ovpn-server1
/ip address
add address=192.168.88.1/24 comment=defconf interface=bridge network=\
    192.168.88.0
add address=192.168.30.1/24 interface=vlan30-servers network=192.168.30.0
/ip cloud
set ddns-enabled=yes ddns-update-interval=10m
/ip dhcp-client
# Interface not active
add comment=defconf interface=ether1 name=client1
/ip dns
set allow-remote-requests=yes
/ip firewall address-list
add address=0.0.0.0/8 list=not_global_ipv4
add address=10.0.0.0/8 list=not_global_ipv4
add address=172.16.0.0/12 list=not_global_ipv4
add address=192.168.0.0/16 list=not_global_ipv4
add address=192.168.88.0/24 list=lan_subnets
add address=203.0.113.0/28 comment="kantoor hoofdvestiging" list=hoofd
/ip firewall filter
add action=accept chain=input comment=\
    "defconf: accept established,related,untracked" connection-state=\
    established,related,untracked
add action=drop chain=input comment="defconf: drop invalid" connection-state=\
    invalid
add action=jump chain=input comment="icmp apart" jump-target=icmp protocol=\
    icmp
add action=add-src-to-address-list address-list=port_scanners \
    address-list-timeout=1d chain=input protocol=tcp psd=21,3s,3,1
add action=drop chain=input src-address-list=port_scanners
add action=drop chain=input comment="defconf: drop all not coming from LAN" \
    in-interface-list=!LAN
add action=accept chain=icmp icmp-options=8:0 limit=5,5:packet protocol=icmp
add action=drop chain=icmp
add action=accept chain=forward comment="defconf: accept in ipsec policy" \
    ipsec-policy=in,ipsec
add action=fasttrack-connection chain=forward connection-state=\
    established,related hw-offload=yes
add action=accept chain=forward connection-state=\
    established,related,untracked
add action=drop chain=forward connection-state=invalid
add action=accept chain=forward comment="naar de webserver" \
    connection-nat-state=dstnat dst-address=192.168.30.10 dst-port=443 \
    in-interface-list=WAN protocol=tcp
add action=accept chain=forward comment="hoofdvestiging naar de camera" \
    connection-nat-state=dstnat dst-address=192.168.30.20 src-address-list=\
    hoofd
add action=accept chain=forward comment="binnen mag alles" \
    in-interface-list=LAN
add action=drop chain=forward comment="verder niets"
/ip firewall nat
add action=masquerade chain=srcnat ipsec-policy=out,none out-interface-list=\
    WAN
add action=dst-nat chain=dstnat comment=web dst-port=443 in-interface-list=\
    WAN protocol=tcp to-addresses=192.168.30.10
add action=dst-nat chain=dstnat comment="oude webserver, filter laat niets door" \
    dst-port=80 in-interface-list=WAN protocol=tcp to-addresses=\
    192.168.30.10
add action=dst-nat chain=dstnat comment=camera dst-port=8000 \
    in-interface-list=WAN protocol=tcp to-addresses=192.168.30.20 to-ports=80
add action=dst-nat chain=dstnat comment=spel disabled=yes dst-port=25565 \
    protocol=tcp to-addresses=192.168.88.40
add action=redirect chain=dstnat comment="DNS van binnen" dst-port=53 \
    in-interface-list=LAN protocol=udp
/ip firewall raw
add action=accept chain=prerouting comment=\
    "defconf: enable for transparent firewall" disabled=yes
add action=drop chain=prerouting comment="defconf: drop non global from WAN" \
    in-interface-list=WAN src-address-list=not_global_ipv4
add action=jump chain=prerouting jump-target=bad_tcp protocol=tcp
add action=accept chain=prerouting in-interface-list=LAN
add action=accept chain=prerouting in-interface-list=WAN
add action=drop chain=prerouting comment="defconf: drop the rest"
add action=drop chain=bad_tcp protocol=tcp tcp-flags=!fin,!syn,!rst,!ack
/ip service
set ftp disabled=yes
set telnet disabled=yes
set www address=192.168.88.0/24
set api disabled=yes
set api-ssl disabled=yes
/ipv6 settings
set disable-ipv6=yes
/system clock
set time-zone-name=Europe/Amsterdam
/system identity
set name=hEX-winkel
/system note
set show-at-login=no
/system ntp client
set enabled=yes
/system ntp client servers
add address=time.cloudflare.com
/tool mac-server
set allowed-interface-list=LAN
/tool mac-server mac-winbox
set allowed-interface-list=LAN
