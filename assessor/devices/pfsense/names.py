"""The names that the sections of a ``config.xml`` may hold, of pfSense and OPNsense alike.

From the makers' own sources: pfSense's ``src/etc/inc`` and ``src/usr/local/www`` (filter.inc,
interfaces.php, firewall_rules_edit.php, system_advanced_*.php, vpn_*.php), and OPNsense's ``core``
(the models under ``src/opnsense/mvc/app/models`` and the pages that they replaced). What is not
here was not thought about, and may change what a section means.
"""

from __future__ import annotations

import re

_WORDS = re.compile(r"\S+")


def words(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(_WORDS.findall(text))


STAMPS = words("created updated")

INTERFACE = words(
    """
    enable if descr lock type virtual internal_dynamic networks mtu mss spoofmac promisc media
    mediaopt ipaddr ipaddrv6 subnet subnetv6 gateway gatewayv6 gateway_interface blockpriv
    blockbogons hw_settings_overwrite disablechecksumoffloading disablesegmentationoffloading
    disablelargereceiveoffloading disablevlanhwfilter alias-address alias-subnet dhcphostname
    dhcprejectfrom dhcphonourmtu dhcpvlanprio dhcpvlanenable dhcpcvpt dhcpoverridemtu
    dhcp_send_options dhcp_request_options ipv6usev4iface prefix-6rd prefix-6rd-v4plen
    prefix-6rd-v4addr gateway-6rd track6-interface track6-prefix-id track6_ifid track6_prefix_range
    track6_assoc_pd track6-prefix-id-hex dhcpd6track6allowoverride slaacusev4iface wireless
    pppoe_password pppoe_username provider ondemand pppoe_idletimeout pppoe-reset-type
    pppoe_resethour pptp_username pptp_password local remote monitorip weight identifier bridge
    pptp pppoe
    """
)
INTERFACE_PATTERN = re.compile(r"adv_dhcp6?_\w+|dhcp6[-_]?[\w-]+|track6[-_][\w-]+|pppoe[-_]\w+")

RULE = words(
    """
    type interface interfacenot ipprotocol protocol source destination descr disabled floating
    quick direction log statetype statetimeout state-policy os tag tagged nottagged id tracker
    associated-rule-id gateway sched allowopts disablereplyto reply-to nosync nopfsync icmptype
    icmp6-type icmp6type tcpflags1 tcpflags2 tcpflags_any max max-src-nodes max-src-conn
    max-src-states max-src-conn-rate max-src-conn-rates source-track overload udp-first
    udp-multiple udp-single adaptivestart adaptiveend dscp tos vlanprio vlanprioset prio set-prio
    set-prio-low defaultqueue ackqueue dnpipe pdnpipe shaper1 shaper2 category categories created
    updated sequence uuid divert-to pflow ridentifier ethersrc etherdst statepolicy
    """
)
"""Of ``<filter><rule>`` (filter_generate_user_rule, FilterRule.php)."""

NARROWING = words(
    """
    os tag tagged sched icmptype icmp6-type icmp6type dscp tos vlanprio prio tcpflags1 tcpflags2
    nottagged
    """
)
"""Of those: what makes a rule match less than its addresses and ports say."""

ADDRESS = words("any network address port not")

NAT_RULE = words(
    """
    source destination protocol target local-port interface descr disabled nordr no nosync
    natreflection associated-rule-id pass ipprotocol log tag tagged poolopts poolopts_sourcehashkey
    category categories created updated sequence uuid sourceport dstport staticnatport nobinat
    enablenatreflectionhelper id
    """
)
ONE_TO_ONE = words(
    """
    external source destination interface descr disabled nobinat natreflection ipprotocol type
    category categories created updated sequence uuid log tag tagged nosync
    """
)
NAT = words(
    """
    rule outbound onetoone npt separator advancedoutbound ipv6nat natreflection
    enablenatreflectionhelper
    """
)
FILTER = words("rule separator bypassstaticroutes disablereplyto scrub")

USER = words(
    """
    name descr scope groupname password bcrypt-hash sha512-hash md5-hash nt-hash lmhash uid gid
    priv expires authorizedkeys ipsecpsk cert disabled shell otp_seed pwd_changed_at
    scrambled_password landing_page comment email apikeys language group_memberships dashboard
    menu_favorites user_dn dashboardcolumns webguicss webguifixedmenu webguihostnamemenu
    webguileftcolumnhyp interfacessort customsettings disablealiaspopupdetail systemlogsfilterpanel
    systemlogsmanagelogpanel statusmonitoringsettingspanel keephistory
    dashboardavailablewidgetspanel pagenamefirst showgatewaysv4 roundingbar widgets sessiontimeout
    theme
    """
)
GROUP = words("name description descr scope gid member priv source_networks groupname")
AUTHSERVER = words(
    """
    refid name type caseInSensitiveUsernames timeStep otpLength timeWindow graceperiod
    passwordFirst otpType digest radius_protocol radius_host radius_nasip_attribute radius_timeout
    radius_auth_port radius_acct_port radius_secret radius_stationid radius_srvcs radius_nas_ip
    ldap_port ldap_urltype ldap_protver ldap_scope ldap_basedn ldap_authcn ldap_extended_enabled
    ldap_extended_query ldap_binddn ldap_bindpw ldap_attr_user ldap_attr_group ldap_attr_member
    ldap_attr_groupobj ldap_pam_groupdn ldap_timeout ldap_caref ldap_utf8 ldap_nostrip_at
    ldap_allow_unauthenticated ldap_rfc2307 ldap_rfc2307_userdn ldap_anonbind ldap_read_properties
    ldap_sync_memberof ldap_sync_create_local_users ldap_sync_default_groups
    ldap_sync_memberof_constraint ldap_full_url host ldap_extended_query sync_memberof
    sync_memberof_groups sync_create_local_users sync_default_groups descr
    """
)

WEBGUI = words(
    """
    protocol port ssl-certref ssl-ciphers ssl-hsts interfaces compression noantilockout
    disablehttpredirect nodnsrebindcheck nohttpreferercheck althostnames httpaccesslog quietlogin
    session_timeout authmode authmode_fallback backend shellauth loginautocomplete max_procs
    dashboardcolumns webguicss logincss pwhash roaming loginshowhost requirestatefilter
    disableconsolemenu webguifixedmenu webguihostnamemenu webguileftcolumnhyp pagenamefirst
    ocsp-staple systemlogsfilterpanel systemlogsmanagelogpanel statusmonitoringsettingspanel
    dashboardavailablewidgetspanel enable_password_policy_constraints password_policy_length
    password_policy_complexity password_policy_compliance password_policy_duration compression
    interfacessort disablealiaspopupdetail username requirefirewallinterface auth_refresh_time
    """
)
SSH = words(
    """
    enable enabled port group noauto permitrootlogin passwordauth sshdkeyonly sshdagentforwarding
    interfaces kex ciphers macs keys keysig rekeylimit authorizedkeys quietlogin
    """
)
SNMPD = words(
    """
    enable syslocation syscontact rocommunity rwcommunity pollport trapenable trapserver
    trapserverport trapstring bindip bindlan modules ipprotocol
    """
)
SYSLOG = words(
    """
    enable remoteserver remoteserver2 remoteserver3 sourceip ipproto logall filter dhcp auth
    portalauth vpn dpinger apinger hostapd system resolver ppp routing ntpd relayd nentries
    filterdescriptions reverse logfilesize rotatecount logcompressiontype format nologdefaultblock
    nologdefaultpass nologbogons nologprivatenets nologlighttpd rawfilter disablelocallogging
    lognginx igmpxverbose hostname preservelogs maxpreserve loglighttpd wireless logconfigchanges
    nologlinklocal4 nologsnort2c nolognginx
    """
)
NTPD = words(
    """
    enable prefer noselect ispool ispeer iburst nts clientmode orphan logpeer logsys clockstats
    loopstats peerstats limited kod nomodify noquery noserve nopeer notrap interface statsgraph
    leapsec gps pps maxpoll minpoll ntpminpoll ntpmaxpoll dnsresolv serverauth serverauthkey
    serverauthalgo restrictions ntporphan custom_options pool authnentication acls authentication
    """
)
UPNP = words(
    """
    enable enable_upnp enable_natpmp ext_iface iface_array download upload overridewanip
    overridesubnet presentationurl modelnumber upnpqueue logpackets sysuptime permdefault
    num_permuser allow_third_party_mapping friendly_name uuid ipv6_disable stun_host stun_port row
    custom_options anchor clean_interval enable_stun iface_ext upnp_ext_port force_igd_desc_v1
    """
)
UPNP_PATTERN = re.compile(r"permuser\d+|permit\d+")

WIRELESS = words(
    """
    standard mode protmode ssid channel channel_width authmode txpower distance regdomain
    regcountry reglocation wme pureg puren hidessid apbridge turbo diversity txantenna rxantenna
    wpa wep auth_server_addr auth_server_port auth_server_shared_secret auth_server_addr2
    auth_server_port2 auth_server_shared_secret2 rsn_preauth ieee8021x persistcommonwireless if
    cloneif descr use_common macaddr_acl enable
    """
)
WPA = words(
    """
    enable macaddr_acl auth_algs wpa_mode wpa_key_mgmt wpa_pairwise wpa_group_rekey wpa_gmk_rekey
    passphrase ext_wpa_sw wpa_strict_rekey ieee8021x rsn_preauth wpa_eap_method wpa_eap_p2_auth
    wpa_eap_client_mode wpa_eap_inner_auth wpa_eap_inner_id wpa_eap_inner_password wpa_eap_cert
    wpa_eap_ca wpa_eap_cacertref wpa_eap_cltcertref identity
    """
)
