/* A comment of the owner's, and a generation that nobody here has seen */
firewall {
    name WAN_IN {
        default-action drop
        rule 10 {
            action accept
            application-signature "zoom"
            state {
                established enable
                related enable
            }
        }
    }
    name WAN_LOCAL {
        default-action drop
        rule 10 {
            action tarpit
            protocol tcp
        }
    }
    quantum-filter {
        level 3
    }
}
interfaces {
    ethernet eth0 {
        address 203.0.113.2/29
        description "De \"buitenkant\""
        firewall {
            in {
                name WAN_IN
            }
            local {
                name WAN_LOCAL
            }
        }
    }
    ethernet eth1 {
        address 10.0.0.1/24
        firewall {
            in {
                name BESTAAT_NIET
            }
        }
    }
    ethernet eth2 {
        address 10.0.1.1/24
        disable
    }
    loopback lo {
    }
    wireless wlan0 {
        address 10.0.9.1/24
        security {
            wpa4 {
                passphrase "een hele lange zin"
            }
        }
        ssid Zaak
        type access-point
    }
}
service {
    gui {
        http-port 8080
        https-port 8443
        passkey-only enable
    }
    nat {
        rule 5010 {
            outbound-interface eth0
            type masquerade
        }
    }
    snmp {
        community q9-Bewaking-4x {
            authorization ro
            quorum 2
        }
    }
    ssh {
        port 2222
        protocol-version v2
    }
    teleporter {
        port 9
    }
}
system {
    gateway-address 203.0.113.1
    host-name raar
    login {
        user piet {
            authentication {
                encrypted-password $6$saltsalt$EXAMPLEhashEXAMPLEhashEXAMPLEhash00
                webauthn {
                    origin https://example.nl
                }
            }
            level superadmin
        }
    }
    ntp {
        server time.example.nl {
            roughtime enable
        }
    }
    syslog {
        cloud {
            region eu
        }
        host log.example.nl {
            facility all {
                level info
            }
        }
    }
}
vpn {
    ipsec {
        postquantum {
            kem kyber
        }
    }
}

/* Warning: Do not remove the following line. */
/* === vyatta-config-version: "firewall@99" === */
/* Release version: v4.1.0.7000000.270101.1200 */
