"""The names that the sections of VPNs may hold; sources as in ``names``."""

from __future__ import annotations

import re

from assessor.devices.pfsense.names import words

OPENVPN = words(
    """
    openvpn-server openvpn-client openvpn-csc compression_migration
    """
)
OPENVPN_SERVER = words(
    """
    vpnid disable mode authmode protocol dev_mode interface ipaddr local_port port local_group
    description custom_options caref crlref certref ocspurl ocspcheck dh_length ecdh_curve
    cert_depth remote_cert_tls strictusercn data_ciphers data_ciphers_fallback ncp_enable
    ncp-ciphers crypto digest engine tls tlsmode tls_type tlsauth_keydir shared_key tunnel_network
    tunnel_networkv6 remote_network remote_networkv6 gwredir gwredir6 local_network local_networkv6
    maxclients connlimit allow_compression compression compression_push passtos client2client
    dynamic_ip pool_enable topology topology_subnet serverbridge_dhcp serverbridge_interface
    serverbridge_routegateway serverbridge_dhcp_start serverbridge_dhcp_end use-common-name
    use_common_name username_as_common_name exit_notify sndrcvbuf netbios_enable netbios_ntype
    netbios_scope create_gw verbosity_level ping_method keepalive_interval keepalive_timeout
    ping_seconds ping_push ping_action ping_action_seconds ping_action_push inactive_seconds
    unique_subject duplicate_cn push_register_dns push_blockoutsidedns no_tun_ipv6 reneg-sec
    auth-gen-token udp_fast_io client_mgmt_port nbdd_server1 dns_domain server_addr server_addr2
    server_port proxy_addr proxy_port proxy_authtype proxy_user proxy_passwd auth_user auth_pass
    auth-retry-none resolve_retry use_shaper route_no_pull route_no_exec remote_random tlsauth
    wins_server_enable ntp_server_enable dns_server_enable dns_domain_enable cso_login_matching dco
    ifconfig-pool dns_domain_search
    """
)
OPENVPN_PATTERN = re.compile(r"(?:dns|ntp|wins|nbdd)_server\d|server_\w+_\d+")

IPSEC = words(
    """
    enable phase1 phase2 client mobilekey vtimaps logging preferoldsa unityplugin strictcrlpolicy
    acceptunencryptedmainmode maxmss maxmss_enable noshuntlaninterfaces compression
    enableinterfacesuse bypassrules uniqueids filtermode async_crypto passthrough_networks
    disablevpnrules auto_routes_disable max_ikev1_exchanges charon ipsec-bypass makebeforebreak
    port_nat_t port
    """
)
PHASE1 = words(
    """
    ikeid iketype mode interface remote-gateway protocol myid_type myid_data peerid_type
    peerid_data encryption encryption-algorithm hash-algorithm prf-algorithm dhgroup lifetime
    rekey_time reauth_time rand_time pre-shared-key private-key certref caref rightallowany
    authentication_method descr nat_traversal mobike closeaction dpd_delay dpd_maxfail dpd_action
    disabled mobile rekey_enable reauth_enable rekey margintime rekeyfuzz auto unique installpolicy
    noinstallpolicy sha256_96 splitconn tfc_enable tfc_bytes responderonly startaction
    gw_duplicates ikeport nattport pkcs11certref pkcs11pin local-kpref peer-kpref keyingtries
    inactivity_timeout local-ip start_action
    """
)
PHASE2 = words(
    """
    ikeid uniqid mode reqid localid remoteid natlocalid protocol encryption-algorithm-option
    hash-algorithm-option pfsgroup lifetime rekey_time rand_time pinghost keepalive descr disabled
    mobile tunnel_local tunnel_remote spd installpolicy
    """
)
L2TP = words(
    """
    mode localip remoteip n_l2tp_units radius secret paporchap interface user n_l2tp_dns1 l2tp_dns1
    l2tp_dns2 l2tp_subnet mtu accounting login_restrict wins dns1 dns2 logging
    """
)
WIREGUARD_SERVER = words(
    """
    enabled name instance pubkey privkey port mtu dns tunneladdress disableroutes gateway
    carp_depend_on peers endpoint peer_dns debug
    """
)
CONNECTION = words(
    """
    enabled proposals unique aggressive version mobike local_addrs local_port remote_addrs
    remote_port encap reauth_time rekey_time over_time dpd_delay dpd_timeout pools send_certreq
    send_cert keyingtries description ppk_id ppk_required if_id
    """
)
CHILD = words(
    """
    enabled connection reqid esp_proposals sha256_96 start_action close_action dpd_action mode
    policies local_ts remote_ts rekey_time description life_time ipcomp copy_df
    """
)
INSTANCE = words(
    """
    vpnid enabled dev_type verb proto port local topology remote role server server_ipv6 route
    push_route push_excluded_routes cert ca crl cert_depth remote_cert_tls use_ocsp
    verify_client_cert data-ciphers data-ciphers-fallback auth tls_key authmode local_group
    various_flags various_push_flags push_inactive username_as_common_name strictusercn username
    password maxclients keepalive_interval keepalive_timeout reneg-sec auth-gen-token
    auth-gen-token-renewal auth-gen-token-secret provision_exclusive redirect_gateway route_metric
    register_dns dns_domain dns_domain_search dns_servers ntp_servers wins_servers tun_mtu fragment
    mssfix description nopool bridge_gateway bridge_pool port-share http-proxy compress_migrate
    carp_depend_on static_challenge float ifconfig-pool-persist block_outside_dns
    """
)
