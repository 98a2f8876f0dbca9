firewall {
    all-ping enable
    name ALLES {
        default-action accept
    }
    name GAST-LOKAAL {
        default-action drop
        rule 10 {
            action accept
            destination {
                port 53,67
            }
            protocol udp
        }
    }
    name WAN-DMZ {
        default-action drop
        enable-default-log
        rule 1 {
            action accept
            state {
                established enable
                related enable
            }
        }
        rule 20 {
            action accept
            destination {
                address 172.16.40.11
                port 80,443
            }
            protocol tcp
        }
    }
    name WAN-LAN {
        default-action drop
        rule 1 {
            action accept
            state {
                established enable
                related enable
            }
        }
    }
    name WAN-LOKAAL {
        default-action drop
        rule 1 {
            action accept
            state {
                established enable
                related enable
            }
        }
        rule 2 {
            action drop
            source {
                address !198.51.100.0/24
            }
        }
        rule 22 {
            action accept
            destination {
                port 22
            }
            protocol tcp
        }
    }
    state-policy {
        established {
            action accept
        }
    }
}
interfaces {
    ethernet eth0 {
        address 203.0.113.2/30
        description WAN
    }
    ethernet eth1 {
        address 172.16.10.1/24
        description LAN
        vif 30 {
            address 172.16.30.1/24
            description GUEST
        }
        vif 40 {
            address 172.16.40.1/24
            description DMZ
        }
    }
    loopback lo {
    }
}
nat {
    destination {
        rule 10 {
            destination {
                port 80,443
            }
            inbound-interface eth0
            protocol tcp
            translation {
                address 172.16.40.11
            }
        }
    }
    source {
        rule 10 {
            outbound-interface eth0
            translation {
                address masquerade
            }
        }
    }
}
protocols {
    static {
        route 0.0.0.0/0 {
            next-hop 203.0.113.1 {
            }
        }
    }
}
service {
    dns {
        forwarding {
            allow-from 172.16.0.0/12
            listen-address 172.16.10.1
        }
    }
    ssh {
        disable-password-authentication
        listen-address 0.0.0.0
        port 22
    }
}
system {
    host-name zones
    login {
        user eva {
            authentication {
                encrypted-password $6$Jk3lo9aQ$9999999999EXAMPLEhash999999999999999999999999999999999999999999999999999999999999999
                plaintext-password ""
                public-keys eva@pc {
                    key AAAAB3NzaC1yc2EAAAADAQABAAABEXAMPLE
                    type ssh-rsa
                }
            }
        }
    }
    ntp {
        server time.example.nl {
        }
    }
    syslog {
        global {
            facility all {
                level info
            }
        }
    }
    time-zone Europe/Amsterdam
}
zone-policy {
    zone DMZ {
        default-action drop
        from LAN {
            firewall {
                name ALLES
            }
        }
        from WAN {
            firewall {
                name WAN-DMZ
            }
        }
        interface eth1.40
    }
    zone GUEST {
        default-action drop
        interface eth1.30
    }
    zone LAN {
        default-action drop
        from WAN {
            firewall {
                name WAN-LAN
            }
        }
        interface eth1
    }
    zone LOKAAL {
        default-action drop
        from GUEST {
            firewall {
                name GAST-LOKAAL
            }
        }
        from LAN {
            firewall {
                name ALLES
            }
        }
        from WAN {
            firewall {
                name WAN-LOKAAL
            }
        }
        local-zone
    }
    zone WAN {
        default-action drop
        from GUEST {
            firewall {
                name ALLES
            }
        }
        from LAN {
            firewall {
                name ALLES
            }
        }
        interface eth0
    }
}


// Warning: Do not remove the following line.
// vyos-config-version: "broadcast-relay@1:cluster@1:config-management@1:conntrack@3:firewall@5:nat@5:ntp@1:ssh@2:system@21:zone-policy@1"
// Release version: 1.3.2
