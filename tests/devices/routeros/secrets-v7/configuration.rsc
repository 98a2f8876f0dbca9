# 2026-11-01 12:00:00 by RouterOS 7.24.5
# software id = EEEE-FFFF
#
# model = CCR2004-1G-12S+2XS
# serial number = HCC00000000
/container config
set registry-url=https://registry-1.docker.io password=Register-Woord-01 tmpdir=disk1
/container envs
add key=DB_URL list=web value="postgres://u:Pg-Woord-02@db/x"
add key=API list=web value=Env-Woord-03
/disk
add encryption-key=Schijf-Sleutel-04 type=file slot=geheim
/interface bridge
add name=bridge
/interface dot1x client
add anon-identity=x eap-methods=eap-peap identity=router interface=ether1 password=Dot1x-Woord-05
/interface eoip
add ipsec-secret=Eoip-Woord-06 mac-address=02:00:00:00:00:01 name=eoip1 remote-address=203.0.113.5 tunnel-id=1
/interface lte
set [ find default-name=lte1 ] pin=4711 allow-roaming=no
/interface lte apn
set [ find default=yes ] apn=internet authentication=pap password=Apn-Woord-07 user=u
/interface macsec
add ckn=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff cak=8f3a9be2d1470c56b7e8f90a1b2c3d4e interface=ether2 name=macsec1
/interface ovpn-client
add connect-to=vpn.example name=ovpn-uit password=Ovpn-Woord-08 user=filiaal disabled=no
/interface vrrp
add authentication=simple interface=bridge name=vrrp1 password=VrrpWrd9 version=2 vrid=1
/interface wifi security
add authentication-types=wpa2-eap eap-methods=peap eap-password=Eap-Woord-10 eap-username=router name=sec-eap
add authentication-types=wpa2-psk multi-passphrase-group=bewoners name=sec-ppsk passphrase=Gedeeld-Woord-11
/interface wifi security multi-passphrase
add group=bewoners passphrase=Bewoner-Een-12
add group=bewoners passphrase=Bewoner-Twee-13 vlan-id=12
/interface wifi configuration
add mode=ap name=cfg-ppsk security=sec-ppsk ssid=Bewoners
/interface wifi access-list
add action=accept mac-address=AA:BB:CC:00:00:01 passphrase=Apparaat-Woord-14
/interface wifi
set [ find default-name=wifi1 ] configuration=cfg-ppsk configuration.mode=ap disabled=no
/iot mqtt brokers
add address=mqtt.example name=mqtt password=Mqtt-Woord-15 username=u
/ip hotspot user
add name=gast password=Hotspot-Woord-16
/ip hotspot profile
add hotspot-address=10.5.50.1 login-by=mac mac-auth-password=Mac-Woord-17 name=hsprof1
/ip ipsec peer
add address=203.0.113.77/32 exchange-mode=ike2 name=filiaal
/ip kid-control
add name=kind
/ip smb users
add name=deel password=Smb-Woord-18
/ppp secret
add name=filiaal1 password="Ppp Woord 19" service=l2tp
/routing bgp connection
add as=65000 local.role=ebgp name=upstream remote.address=198.51.100.1 tcp-md5-key=Bgp-Sleutel-20
/routing ospf interface-template
add area=backbone auth=md5 auth-id=1 auth-key=Ospf-Sleutel-21 interfaces=bridge
/routing rip keys
add chain=k key=Rip-Sleutel-22 key-id=1
/snmp community
set [ find default=yes ] addresses=10.0.0.9/32 name=Snmp-Groep-23
/user-manager
set enabled=yes certificate=none
/user-manager user
add name=jan otp-secret=JBSWY3DPEHPK3PXP24 password=Um-Woord-25
/user-manager router
add address=127.0.0.1 name=zelf shared-secret=Um-Gedeeld-26
/zerotier
set zt1 comment="ZeroTier" identity="a1b2c3d4e5:0:publiekpubliekpubliek:Zt-Prive-Sleutel-27" name=zt1
/zerotier interface
add allow-managed=yes disabled=no instance=zt1 name=zerotier1 network=8056c2e21c000001
/ip address
add address=10.0.0.1/24 interface=bridge network=10.0.0.0
/ip dhcp-client
add interface=ether1 script=":local wachtwoord \"Script-Woord-28\""
/ip ipsec identity
add peer=filiaal secret="Ipsec \"Woord\" 29"
add auth-method=eap eap-methods=eap-mschapv2 password=Eap-Ipsec-30 peer=filiaal username=u
/ip ipsec key psk
add key=Psk-Sleutel-38 name=psk1
/ip ipsec policy
add dst-address=10.7.0.0/24 peer=filiaal src-address=10.0.0.0/24 tunnel=yes
/lcd pin
set pin-number=8642
/ppp profile
set *0 on-up=":log info \"Profiel-Woord-31\""
/radius
add address=10.0.0.9 secret=Radius-Woord-32 service=login
/radius incoming
set accept=no
/system identity
set name=alles
/system ntp key
add key-id=1 key=Ntp-Sleutel-33
/system scheduler
add interval=1d name=s on-event=backup-script
/system script
add dont-require-permissions=no name=backup-script owner=beheer policy=read source="{\r\
    \n:global p \"Los-Woord-34\";\r\
    \n/tool fetch url=(\"ftp://u:Ftp-Woord\" . \"-35@h/\")\r\
    \n}"
/tool e-mail
set password=Mail-Woord-36 user=u server=10.0.0.9
/tool sms
set secret=Sms-Woord-37 receive-enabled=no
