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
