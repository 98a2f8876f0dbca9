# sep/21/2026 17:36:12 by RouterOS 6.42.1
# software id = KFMF-XXXX
#
# model = RouterBOARD 952Ui-5ac2nD
# serial number = 8EEA00000000
/interface bridge
add admin-mac=64:D1:54:00:00:01 auto-mac=no comment=defconf name=bridge
/interface ethernet
set [ find default-name=ether1 ] comment="naar het modem" name=ether1-wan
/interface pppoe-client
add add-default-route=yes disabled=no interface=ether1-wan name=pppoe-out1 \
    password=kpn12345 use-peer-dns=yes user=winkel@provider
/interface list
add name=WAN
/interface wireless security-profiles
set [ find default=yes ] authentication-types=wpa-psk,wpa2-psk group-ciphers=\
    tkip,aes-ccm mode=dynamic-keys supplicant-identity=MikroTik \
    unicast-ciphers=tkip,aes-ccm wpa-pre-shared-key=winkel01 \
    wpa2-pre-shared-key=winkel01
add mode=static-keys-required name=pinautomaat static-key-0=1a2b3c4d5e \
    supplicant-identity=""
/interface wireless
set [ find default-name=wlan1 ] band=2ghz-b/g/n country=netherlands \
    disabled=no frequency=auto mode=ap-bridge ssid="De Winkel" wps-mode=\
    push-button
set [ find default-name=wlan2 ] disabled=yes mode=ap-bridge ssid=oud
add disabled=no mac-address=66:D1:54:00:00:02 master-interface=wlan1 name=\
    wlan-pin security-profile=pinautomaat ssid=pin
add disabled=no mac-address=66:D1:54:00:00:03 master-interface=wlan1 name=\
    wlan-gast ssid="Gasten De Winkel"
/ip ipsec proposal
set [ find default=yes ] auth-algorithms=md5 enc-algorithms=3des pfs-group=\
    none
/ip pool
add name=dhcp ranges=192.168.88.10-192.168.88.254
/ip dhcp-server
add address-pool=dhcp disabled=no interface=bridge name=defconf
/ppp profile
set *FFFFFFFE dns-server=192.168.88.1 local-address=192.168.88.1
/routing bgp instance
set default disabled=yes
/snmp community
set [ find default=yes ] addresses=0.0.0.0/0 name=private write-access=yes
/interface bridge port
add bridge=bridge comment=defconf interface=ether2
add bridge=bridge comment=defconf interface=wlan1
add bridge=bridge interface=wlan-pin
add bridge=bridge interface=wlan-gast
/interface l2tp-server server
set authentication=pap,chap,mschap1,mschap2 enabled=yes
/interface list member
add interface=pppoe-out1 list=WAN
/interface pptp-server server
set enabled=yes
/ip address
add address=192.168.88.1/24 comment=defconf interface=bridge network=\
    192.168.88.0
/ip cloud
set ddns-enabled=yes update-time=no
/ip dns
set allow-remote-requests=yes servers=8.8.8.8
/ip firewall filter
add chain=input comment="alles mag" disabled=yes protocol=icmp
add action=drop chain=input disabled=yes in-interface=pppoe-out1
add action=drop chain=input comment="bruteforce" src-address-list=zwart
add action=fasttrack-connection chain=forward connection-state=\
    established,related
add chain=forward connection-state=established,related
/ip firewall nat
add action=masquerade chain=srcnat out-interface=pppoe-out1
add action=dst-nat chain=dstnat comment="camera: alles door" in-interface=\
    pppoe-out1 to-addresses=192.168.88.50
/ip firewall address-list
add address=203.0.113.66 list=zwart
/ip ipsec peer
add address=198.51.100.9/32 dh-group=modp1024 enc-algorithm=3des \
    exchange-mode=aggressive secret=ipsecje1
/ip proxy
set enabled=yes
/ip route
add comment="kan weg" disabled=yes distance=2 gateway=10.1.1.1
/ip socks
set enabled=yes port=4153
/ip upnp
set enabled=yes
/ppp secret
add name=vertegenwoordiger password=thuis123 service=pptp
add name=baas password="ba as\"je" profile=default-encryption
/radius
add address=192.168.88.9 secret=radiusje service=ppp
/snmp
set enabled=yes trap-community=trapgroep
/system clock
set time-zone-name=Europe/Amsterdam
/system identity
set name="router winkel"
/system scheduler
add interval=5m name=ddns on-event="/tool fetch url=\"https://ddns.example/upd\
    ate\?host=winkel&passw\
    ord=Ddns-Stukje-5\"" policy=read,test start-time=startup
/system script
add name=melding owner=admin policy=read,write source="/tool fetch url=\"https\
    ://api.telegram.org/bot123456789:AAFakeFakeFakeFakeFakeFakeFakeFakeFak/sen\
    dMessage\" keep-result=no"
/tool romon
set enabled=yes secrets=romongeheim
