# 2029-02-01 08:00:00 by RouterOS 9.1rc2
# system id = sf7LIJi4zKG
#
# model = RB9999
/interface bridge
add name="brug \"één\""
/interface list
add name=WAN
add include=toekomst name=LAN
/interface wifi security
add authentication-types=wpa4-psk name=sec passphrase="Dit is lang genoeg"
/interface wifi
set [ find default-name=wifi1 ] configuration.mode=ap .ssid=Toekomst disabled=no security=sec
#error exporting "/ip/ipsec" (timed out)
/interface list member
add interface=ether1 list=WAN
/ip address
add address=192.168.88.1/24 interface="brug \"\C3\A9\C3\A9n\"" network=192.168.88.0
/ip dhcp-client
add interface=ether1
/ip firewall filter
add action=accept chain=input connection-state=established,related
add action=accept chain=input quantum-tag=7
add action=drop chain=input in-interface-list=WAN
add action=teleport chain=forward dst-port=443 protocol=tcp
add action=drop chain=forward in-interface-list=WAN
/ip firewall policy
set zone=any
/ip service
set ssh disabled=misschien
set www disabled=yes
set telnet disabled=yes
/system logging
add action=remote topics=hologram,info
/system logging action
set 3 remote=192.168.88.9
/system ntp client
set enabled=yes leap-smear=on
/snmp community
add name="geheime groep" quorum=3 security=none
/snmp
set enabled=yes
/tool mac-server
set allowed-interface-list=LAN
