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
 