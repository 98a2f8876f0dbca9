"""The sections below ``<OPNsense>`` that are known: read here, or about nothing that is judged."""

from __future__ import annotations

from assessor.devices.pfsense.names import words

SECTIONS = words(
    """
    captiveportal cron DHCRelay Firewall Netflow IDS IPsec Swanctl Interfaces Kea monit
    OpenVPNExport OpenVPN Gateways Syslog TrafficShaper unboundplus wireguard netsnmp chrony
    AcmeClient HAProxy Nginx proxy ProxyUserACL ProxySSO clamav cicap redis postfix rspamd telegraf
    netdata ZabbixAgent ZabbixProxy zabbixproxy NodeExporter Nut Apcupsd smart quagga tor tinc
    zerotier tailscale Nebula stunnel siproxd Relayd freeradius bind dnscryptproxy DynDNS ddclient
    MDNSRepeater mdnsrepeater UDPBroadcastRelay hostwatch HostDiscovery crowdsec Lldpd lldpd
    ndproxy tayga turnserver vnstat ntopng collectd wol trust OPNProxy OPNWAF maltrail Sensei
    zenarmor WazuhAgent puppetagent QemuGuestAgent cloudflared Radvd radvd NDPProxy FtpProxy iperf
    Caddy Dnsmasq dnsmasq qfeeds QFeeds sslh fetchmail mailbackup shadowsocks xray munin-node
    rtsphelper Vnstat
    """
)
FIREWALL = words("Lvtemplate Alias Category Filter")
"""Below ``<OPNsense><Firewall>``."""
