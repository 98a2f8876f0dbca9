"""What of a configuration is known here; anything else goes on record as not understood.

In the packages of ``STRICT`` every option must be known, or the topics that the package is about
were not read in full. In the others there are hundreds of options, most of which say nothing about
security; there an unknown one counts where its name suggests a topic.

Sources: firewall4, ``fw4.uc`` (``parse_defaults`` and those after it); firewall3, ``options.h``;
the init scripts of dropbear, uhttpd, log, sysntpd, rpcd, snmpd and miniupnpd (their
``uci_load_validate``); wifi-scripts, ``hostapd.sh`` (``hostapd_common_add_bss_config``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assessor.devices.device import Topic
from assessor.devices.openwrt.uci import Packages, Section


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WHEN = "start_date stop_date start_time stop_time weekdays monthdays utc_time"
_MATCH = f"""enabled name _name family src dest ipset helper proto src_ip src_mac src_port dest_ip
    dest_port extra limit limit_burst {_WHEN} mark counter log log_limit target"""

STRICT: Mapping[str, Mapping[str, frozenset[str]]] = {
    "firewall": {
        "defaults": _words(
            """input output forward drop_invalid drop_invalid_early tcp_reject_code any_reject_code
            syn_flood synflood_protect synflood_rate synflood_burst tcp_syncookies tcp_ecn
            tcp_westwood tcp_window_scaling accept_redirects accept_source_route auto_helper
            custom_chains disable_ipv6 flow_offloading flow_offloading_hw flow_offloading_related
            auto_includes"""
        ),
        "zone": _words(
            """enabled name family network device subnet input output forward masq
            masq_allow_invalid masq_src masq_dest masq6 extra extra_src extra_dest mtu_fix
            custom_chains log log_limit auto_helper helper counter conntrack"""
        ),
        "forwarding": _words("enabled name _name family src dest"),
        "rule": _words(
            f"""{_MATCH} device direction set_helper icmp_type set_mark set_xmark dscp set_dscp"""
        ),
        "redirect": _words(f"{_MATCH} src_dip src_dport reflection reflection_src reflection_zone"),
        "nat": _words(f"{_MATCH} device snat_ip snat_port connlimit_ports"),
        "ipset": _words(
            """enabled name family storage match iprange portrange netmask maxelem hashsize timeout
            external entry loadfile comment counters reload_set"""
        ),
        "include": _words("enabled path type fw4_compatible family reload position chain"),
    },
    "dropbear": {
        "dropbear": _words(
            """enable verbose Port PasswordAuth RootPasswordAuth RootLogin GatewayPorts Interface
            DirectInterface BannerFile RecvWindowSize IdleTimeout SSHKeepAlive MaxAuthTries mdns
            keyfile rsakeyfile dsskeyfile ForceCommand LocalPortForward RemotePortForward"""
        )
    },
    "uhttpd": {
        "uhttpd": _words(
            """listen_http listen_https redirect_https home rfc1918_filter max_requests
            max_connections cert key cgi_prefix lua_prefix lua_handler ucode_prefix script_timeout
            network_timeout http_keepalive tcp_keepalive ubus_prefix ubus_socket ubus_cors
            ubus_noauth config realm no_symlinks no_dirlists no_ubusauth index_page index_file
            error_page interpreter alias json_script url_alias http_auth"""
        ),
        "cert": _words(
            "days bits country state location commonname organization key_type ec_curve"
        ),
    },
    "rpcd": {
        "rpcd": _words("socket timeout"),
        "login": _words("username password read write timeout"),
    },
    "upnpd": {
        "upnpd": _words(
            """enabled enable_natpmp enable_upnp secure_mode log_output download upload
            internal_iface external_iface external_iface6 external_ip port upnp_lease_file
            upnp_lease_file6 igdv1 uuid use_stun stun_host stun_port ipv6_disable
            clean_ruleset_interval clean_ruleset_threshold notify_interval presentation_url
            serial_number model_number system_uptime force_forwarding config_file"""
        ),
        "perm_rule": _words("action ext_ports int_addr int_ports comment"),
    },
}

_TOPICS: Mapping[str, tuple[Topic, ...]] = {
    "firewall": (Topic.FIREWALL,),
    "dropbear": (Topic.MANAGEMENT,),
    "uhttpd": (Topic.MANAGEMENT,),
    "rpcd": (Topic.ACCOUNTS,),
    "upnpd": (Topic.MANAGEMENT,),
}

# Package and type, the options that are read or known to say nothing, and what an unknown name
# must hold to count.
_SUGGESTIVE: tuple[tuple[str, str, frozenset[str], re.Pattern[str], tuple[Topic, ...]], ...] = (
    (
        "wireless",
        "wifi-iface",
        _words(
            """device mode ssid bssid network disabled encryption key key1 key2 key3 key4 hidden
            isolate isolate_bridge wds ifname macaddr wps_pushbutton wps_label wps_pin wps_config
            wps_device_type wps_device_name wps_manufacturer wps_ap_setup_locked wps_independent
            wps_pbc_in_m1 wps_possible ext_registrar sae_password sae_password_file sae_pwe
            sae_require_mfp sae_anti_clogging_threshold sae_sync sae_groups ieee80211r ieee80211w
            ieee80211k ieee80211v ft_over_ds ft_psk_generate_local ft_bridge reassociation_deadline
            nasid nas_identifier mobility_domain r0_key_lifetime r1_key_holder r0kh r1kh pmk_r1_push
            auth_server auth_port auth_secret auth_cache acct_server acct_port acct_secret
            acct_interval dae_client dae_port dae_secret eap_type auth identity anonymous_identity
            password ca_cert ca_cert_usesystem client_cert priv_key priv_key_pwd eap_reauth_period
            eapol_version wpa_group_rekey wpa_strict_rekey wpa_pair_rekey wpa_master_rekey
            wpa_psk_file wpa_disable_eapol_key_retries skip_inactivity_poll disassoc_low_ack
            owe_transition_ifname owe_transition_ssid owe_transition_bssid ownip own_ip_addr
            dynamic_vlan vlan_file
            vlan_naming vlan_tagged_interface vlan_bridge vlan_no_bridge per_sta_vif macfilter
            maclist mesh_id mesh_fwding mesh_rssi_threshold proxy_arp multicast_to_unicast
            multicast_to_unicast_all wnm_sleep_mode wnm_sleep_mode_no_keys bss_transition
            time_advertisement time_zone network_auth_type rsn_preauth beacon_prot ocv okc
            group_mgmt_cipher ieee80211w_mgmt_cipher ieee80211w_max_timeout
            ieee80211w_retry_timeout access_network_type iapp_interface start_disabled
            default_disabled uapsd wmm short_preamble dtim_period max_inactivity maxassoc rrm
            rrm_neighbor_report rrm_beacon_report tdls_prohibit server port request_cui
            radius_client_addr"""
        ),
        re.compile(
            r"key|encr|auth|wpa|sae|wps|psk|ssid|mode|disab|netw|isol|owe|ciph|eap|radius|dev|pass"
        ),
        (Topic.WIFI,),
    ),
    (
        "wireless",
        "wifi-device",
        _words(
            """type path phy channel channels band hwmode htmode country country_ie disabled
            cell_density txpower legacy_rates noscan macaddr require_mode radio
            num_global_macaddr log_level
            acs_exclude_dfs antenna_gain diversity rxantenna txantenna beacon_int distance"""
        ),
        re.compile(r"disab|encr|auth|key|wps"),
        (Topic.WIFI,),
    ),
    (
        "wireless",
        "wifi-station",
        _words("key mac iface vid"),
        re.compile(r"key|pass|iface"),
        (Topic.WIFI,),
    ),
    (
        "network",
        "interface",
        _words(
            """proto device ifname type ipaddr netmask gateway ip6addr ip6gw ip6assign ip6hint
            ip6prefix ip6class ip6ifaceid ip6weight ip6table ip4table ipv6 auto disabled metric
            defaultroute peerdns dns dns_search dns_metric delegate force_link reqprefix reqaddress
            norelease noserverunicast broadcast hostname clientid vendorid sendopts mtu macaddr
            username password ac service keepalive demand pppd_options host_uniq pppoatype
            private_key listen_port addresses nohostroute fwmark ip6prefix_offset tunlink
            peeraddr ip4prefixlen ip6prefixlen ip6addr_prefix sourcefilter extendprefix
            forceprefix iface_map iface_dslite iface_464xlat zone zone_dslite zone_map
            zone_464xlat apn pincode auth pdptype modes dhcp dhcpv6 autoconnect plmn allow_roaming
            igmp_snooping stp bridge_empty proto6 multipath layout ra_holdoff ip6deprecated
            mode ttl tos df zone_wan server mode6 v6metric"""
        ),
        re.compile(r"gateway|gw|proto|ip6|ipv6|disab|auto|zone|defaultroute|device|ifname|ipaddr"),
        (Topic.FIREWALL,),
    ),
    (
        "system",
        "system",
        _words(
            """hostname description notes timezone zonename ttylogin log_ip log_port log_proto
            log_remote log_hostname log_trailer_null log_prefix log_file log_size log_type
            log_buffer_size conloglevel cronloglevel klogconloglevel urandom_seed compat_version
            zram_size_mb zram_comp_algo clock_timezone clock_hwclock"""
        ),
        re.compile(r"log"),
        (Topic.LOGGING,),
    ),
    (
        "system",
        "timeserver",
        _words("enabled server enable_server interface use_dhcp"),
        re.compile(r"."),
        (Topic.TIME,),
    ),
)

_SECTIONS: Mapping[str, tuple[re.Pattern[str], Topic]] = {
    "wireless": (re.compile(r"(?!wifi-(?:device|iface|station|vlan)$).*"), Topic.WIFI),
    "network": (re.compile(r"(?!interface$).*(?:interface|zone|firewall).*"), Topic.FIREWALL),
    "system": (re.compile(r"(?!(?:system|timeserver)$).*(?:log|time|ntp|system).*"), Topic.LOGGING),
}


def unknown(packages: Packages) -> Iterator[tuple[tuple[Topic, ...], str]]:
    """What is not known, each with the topics that it may be about."""
    for package, types in STRICT.items():
        for section in packages.get(package, ()):
            known = types.get(section.type)
            if known is None:
                yield _TOPICS[package], f"config {section.type} {section.key}"
                continue
            yield from _unknown(section, known, re.compile(""), _TOPICS[package])
    for package, kind, known, suggests, topics in _SUGGESTIVE:
        for section in packages.get(package, ()):
            if section.type == kind:
                yield from _unknown(section, known, suggests, topics)
    for package, (strange, topic) in _SECTIONS.items():
        for section in packages.get(package, ()):
            if strange.fullmatch(section.type):
                yield (topic,), f"config {section.type} {section.key}"


def _unknown(
    section: Section, known: frozenset[str], suggests: re.Pattern[str], topics: tuple[Topic, ...]
) -> Iterator[tuple[tuple[Topic, ...], str]]:
    for option, values in section.options.items():
        if option not in known and suggests.search(option.lower()):
            yield topics, f"{section.package}.{section.key}.{option}: {' '.join(values)}"
