firewall {
    all-ping enable
    broadcast-ping disable
    group {
        address-group BEHEER {
            address 198.51.100.10
            address 198.51.100.20-198.51.100.23
            description "Kantoor en noodverbinding"
        }
        network-group EIGEN {
            description "Alle eigen netwerken"
            network 192.168.0.0/16
            network 172.16.0.0/12
            network 10.0.0.0/8
        }
    }
    ipv6-name WANv6_IN {
        default-action drop
        description "WAN naar binnen"
        enable-default-log
        rule 10 {
            action accept
            description "Bestaande verbindingen"
            state {
                established enable
                related enable
            }
        }
        rule 20 {
            action drop
            state {
                invalid enable
            }
        }
        rule 30 {
            action accept
            protocol icmpv6
        }
    }
    ipv6-name WANv6_LOCAL {
        default-action drop
        rule 10 {
            action accept
            state {
                established enable
                related enable
            }
        }
        rule 20 {
            action accept
            protocol icmpv6
        }
        rule 30 {
            action accept
            description DHCPv6
            destination {
                port 546
            }
            protocol udp
            source {
                port 547
            }
        }
    }
    ipv6-receive-redirects disable
    ipv6-src-route disable
    ip-src-route disable
    log-martians enable
    name GAST_IN {
        default-action accept
        description "Gasten mogen alleen naar internet"
        rule 10 {
            action accept
            state {
                established enable
                related enable
            }
        }
        rule 20 {
            action drop
            destination {
                group {
                    network-group EIGEN
                }
            }
        }
    }
    name LAN_IN {
        default-action accept
        rule 20 {
            action drop
            description "Kantoor niet naar gasten"
            destination {
                address 172.20.30.0/24
            }
        }
    }
    name WAN_IN {
        default-action drop
        description "WAN naar binnen"
        rule 10 {
            action accept
            state {
                established enable
                related enable
            }
        }
        rule 20 {
            action drop
            state {
                invalid enable
            }
        }
        rule 30 {
            action accept
            description "Webserver"
            destination {
                address 192.168.10.5
                port 443
            }
            protocol tcp
        }
    }
    name WAN_LOCAL {
        default-action drop
        rule 10 {
            action accept
            state {
                established enable
                related enable
            }
        }
        rule 20 {
            action drop
            state {
                invalid enable
            }
        }
        rule 30 {
            action accept
            description "L2TP over IPsec"
            destination {
                port 500,4500
            }
            protocol udp
        }
        rule 31 {
            action accept
            protocol esp
        }
        rule 32 {
            action accept
            destination {
                port 1701
            }
            ipsec {
                match-ipsec
            }
            protocol udp
        }
        rule 40 {
            action accept
            description "Beheer van buiten"
            destination {
                port 22
            }
            protocol tcp
            source {
                group {
                    address-group BEHEER
                }
            }
        }
    }
    receive-redirects disable
    send-redirects enable
    source-validation disable
    syn-cookies enable
}
interfaces {
    ethernet eth0 {
        description "Glasvezel"
        duplex auto
        speed auto
        vif 6 {
            description "Internet"
            pppoe 2 {
                default-route auto
                dhcpv6-pd {
                    pd 0 {
                        interface switch0.10 {
                            host-address ::1
                            service slaac
                        }
                        prefix-length /48
                    }
                }
                firewall {
                    in {
                        ipv6-name WANv6_IN
                        name WAN_IN
                    }
                    local {
                        ipv6-name WANv6_LOCAL
                        name WAN_LOCAL
                    }
                }
                ipv6 {
                    enable {
                    }
                }
                mtu 1500
                name-server auto
                password "ppp kpn geheim"
                user-id fb7490@internet
            }
        }
    }
    ethernet eth1 {
        description "Naar switch"
        duplex auto
        speed auto
    }
    loopback lo {
    }
    switch switch0 {
        mtu 1500
        switch-port {
            interface eth1 {
                vlan {
                    vid 10
                    vid 30
                }
            }
            vlan-aware enable
        }
        vif 10 {
            address 192.168.10.1/24
            description Kantoor
            firewall {
                in {
                    name LAN_IN
                }
            }
        }
        vif 30 {
            address 172.20.30.1/24
            description Gasten
            firewall {
                in {
                    name GAST_IN
                }
            }
        }
    }
}
port-forward {
    auto-firewall disable
    hairpin-nat enable
    lan-interface switch0.10
    rule 1 {
        description Webserver
        forward-to {
            address 192.168.10.5
            port 443
        }
        original-port 443
        protocol tcp
    }
    wan-interface pppoe2
}
service {
    dhcp-server {
        disabled false
        hostfile-update disable
        shared-network-name Kantoor {
            authoritative enable
            subnet 192.168.10.0/24 {
                default-router 192.168.10.1
                dns-server 192.168.10.1
                lease 86400
                start 192.168.10.50 {
                    stop 192.168.10.200
                }
            }
        }
    }
    dns {
        dynamic {
            interface pppoe2 {
                service dyndns {
                    host-name gw.example.nl
                    login voorbeeld
                    password DynDnsGeheim7
                    server members.dyndns.org
                }
            }
        }
        forwarding {
            cache-size 1000
            listen-on switch0.10
            listen-on switch0.30
        }
    }
    gui {
        http-port 80
        https-port 443
        listen-address 192.168.10.1
        older-ciphers disable
    }
    nat {
        rule 5010 {
            description "Naar buiten"
            outbound-interface pppoe2
            type masquerade
        }
    }
    snmp {
        community Zk4-bewaking-9 {
            authorization ro
            client 192.168.10.9
        }
        contact beheer@example.nl
        location Utrecht
        trap-target 192.168.10.9 {
            community TrapGeheim44
        }
        v3 {
            engineid 0x8000000001020304
            group bewaking {
                mode ro
                seclevel priv
                view alles
            }
            user monitor {
                auth {
                    encrypted-key 0x9e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b
                    type sha
                }
                engineid 0x8000000001020304
                group bewaking
                mode ro
                privacy {
                    encrypted-key 0x1122334455667788aabbccddeeff0011
                    type aes
                }
            }
            view alles {
                oid 1 {
                }
            }
        }
    }
    ssh {
        disable-password-authentication
        port 22
        protocol-version v2
    }
    unms {
        connection wss://unms.example.nl:443+wYzKq0tEXAMPLEtoken1234+allowUntrustedCertificate
    }
}
system {
    config-management {
        commit-archive {
            location scp://archief:ArchiefPw88@192.168.10.9/edgeos
        }
        commit-revisions 50
    }
    host-name gw-utrecht
    login {
        radius-server 192.168.10.9 {
            port 1812
            secret RadiusGeheim12
            timeout 2
        }
        user anna {
            authentication {
                encrypted-password $5$rounds=535000$Wq3Zk1uT$Zp7d0qY3aO6o0Xl2t8YwB4rN1cVfHs5Gk9jMiLeUxQ0
                plaintext-password ""
                public-keys anna@laptop {
                    key AAAAC3NzaC1lZDI1NTE5AAAAIOd3fEXAMPLEonlyEXAMPLEonlyEXAMPLEonly12
                    type ssh-ed25519
                }
            }
            full-name "Anna de Vries"
            level admin
        }
        user kijker {
            authentication {
                encrypted-password $6$Jk3lo9aQ$4hQ2bU6u1EXAMPLEhash0000000000000000000000000000000000000000000000000000000000000000000
                plaintext-password ""
            }
            level operator
        }
    }
    name-server 9.9.9.9
    ntp {
        server 0.nl.pool.ntp.org {
        }
        server 1.nl.pool.ntp.org {
        }
    }
    offload {
        hwnat enable
        ipsec enable
    }
    package {
        repository wheezy {
            components "main contrib non-free"
            distribution wheezy
            password ""
            url http://http.us.debian.org/debian
            username ""
        }
    }
    syslog {
        global {
            facility all {
                level notice
            }
            facility protocols {
                level debug
            }
        }
        host 192.168.10.9 {
            facility all {
                level info
            }
        }
    }
    time-zone Europe/Amsterdam
    traffic-analysis {
        dpi disable
        export disable
    }
}
vpn {
    ipsec {
        allow-access-to-local-interface disable
        auto-firewall-nat-exclude enable
        esp-group FOO0 {
            compression disable
            lifetime 3600
            mode tunnel
            pfs dh-group14
            proposal 1 {
                encryption aes256
                hash sha256
            }
        }
        ike-group FOO0 {
            ikev2-reauth no
            key-exchange ikev2
            lifetime 28800
            proposal 1 {
                dh-group 14
                encryption aes256
                hash sha256
            }
        }
        site-to-site {
            peer 203.0.113.77 {
                authentication {
                    mode pre-shared-secret
                    pre-shared-secret "Lange-sleutel-voor-filiaal-77"
                }
                connection-type initiate
                description Filiaal
                ike-group FOO0
                local-address any
                tunnel 1 {
                    allow-nat-networks disable
                    esp-group FOO0
                    local {
                        prefix 192.168.10.0/24
                    }
                    remote {
                        prefix 192.168.77.0/24
                    }
                }
            }
        }
    }
    l2tp {
        remote-access {
            authentication {
                local-users {
                    username anna {
                        password ThuiswerkAnna2024
                    }
                }
                mode local
                require mschap-v2
            }
            client-ip-pool {
                start 192.168.10.240
                stop 192.168.10.249
            }
            ipsec-settings {
                authentication {
                    mode pre-shared-secret
                    pre-shared-secret L2tpGedeeld5566
                }
                ike-lifetime 3600
                lifetime 3600
            }
            outside-address 0.0.0.0
        }
    }
}


/* Warning: Do not remove the following line. */
/* === vyatta-config-version: "config-management@1:conntrack@1:cron@1:dhcp-relay@1:dhcp-server@4:firewall@5:ipsec@5:nat@3:qos@1:quagga@2:suspend@1:system@5:ubnt-l2tp@1:ubnt-pptp@1:ubnt-udapi-server@1:ubnt-unms@2:ubnt-util@1:vrrp@1:vyatta-netflow@1:webgui@1:webproxy@1:zone-policy@1" === */
/* Release version: v2.0.9-hotfix.7.5622731.230615.0857 */
