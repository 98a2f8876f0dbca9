interfaces {
    ethernet eth0 {
        address dhcp
        description Internet
        duplex auto
        speed auto
    }
    ethernet eth1 {
        address 192.168.1.1/24
        description Local
        duplex auto
        speed auto
        vif 20 {
            address 192.168.20.1/24
            description "Guest WiFi"
        }
    }
    loopback lo {
    }
    openvpn vtun0 {
        encryption 3des
        hash md5
        mode site-to-site
        remote-host 203.0.113.9
        shared-secret-key-file /config/auth/secret.key
    }
}
service {
    gui {
        http-port 80
        https-port 443
        older-ciphers enable
    }
    nat {
        rule 5000 {
            outbound-interface eth0
            type masquerade
        }
    }
    snmp {
        community public {
            authorization rw
        }
    }
    ssh {
        port 22
        protocol-version all
    }
    telnet {
        port 23
    }
    upnp {
        listen-on eth1 {
            outbound-interface eth0
        }
    }
}
system {
    host-name ubnt
    login {
        user ubnt {
            authentication {
                encrypted-password $1$zKNoUbAo$gomzUbYvgyUMcD436Wo66.
            }
            level admin
        }
        user jan {
            authentication {
                encrypted-password $1$aBcDeFgH$kLmNoPqRsTuVwXyZ012340
                plaintext-password ""
            }
            level admin
        }
    }
    syslog {
        global {
            facility all {
                level notice
            }
        }
    }
    time-zone UTC
}
vpn {
    pptp {
        remote-access {
            authentication {
                local-users {
                    username jan {
                        password PptpJan77
                    }
                }
                mode local
            }
            client-ip-pool {
                start 192.168.1.240
                stop 192.168.1.250
            }
        }
    }
}

/* Warning: Do not remove the following line. */
/* === vyatta-config-version: "config-management@1:conntrack@1:cron@1:dhcp-relay@1:dhcp-server@4:firewall@5:ipsec@5:nat@3:qos@1:quagga@2:system@4:ubnt-pptp@1:ubnt-util@1:vrrp@1:webgui@1:webproxy@1:zone-policy@1" === */
/* Release version: v1.9.1.4939093.161214.0705 */
