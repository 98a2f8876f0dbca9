"""The programs that watch over a machine, and by what they are recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessor.api import values

_BY_PROCESS = {
    "zabbix_agentd": "Zabbix",
    "zabbix_agent2": "Zabbix",
    "icinga2": "Icinga",
    "nrpe": "NRPE (Nagios)",
    "node_exporter": "Prometheus node exporter",
    "prometheus-node": "Prometheus node exporter",
    "cmk-agent-ctl": "Checkmk",
    "netdata": "Netdata",
    "telegraf": "Telegraf",
    "monit": "Monit",
    "newrelic-infra": "New Relic",
    "amazon-cloudwat": "Amazon CloudWatch",
    "collectd": "collectd",
    "munin-node": "Munin",
    "snmpd": "SNMP",
    "alloy": "Grafana Alloy",
    "grafana-agent": "Grafana Agent",
    "metricbeat": "Metricbeat",
    "beszel-agent": "Beszel",
}
_BY_UNIT = {
    "check-mk-agent.socket": "Checkmk",
    "cmk-agent-ctl-daemon.service": "Checkmk",
    "datadog-agent.service": "Datadog",
    **{
        f"{unit}.service": name
        for unit, name in (
            ("zabbix-agent", "Zabbix"),
            ("zabbix-agent2", "Zabbix"),
            ("icinga2", "Icinga"),
            ("nrpe", "NRPE (Nagios)"),
            ("nagios-nrpe-server", "NRPE (Nagios)"),
            ("prometheus-node-exporter", "Prometheus node exporter"),
            ("node_exporter", "Prometheus node exporter"),
            ("netdata", "Netdata"),
            ("telegraf", "Telegraf"),
            ("monit", "Monit"),
            ("newrelic-infra", "New Relic"),
            ("amazon-cloudwatch-agent", "Amazon CloudWatch"),
            ("collectd", "collectd"),
            ("munin-node", "Munin"),
            ("snmpd", "SNMP"),
            ("alloy", "Grafana Alloy"),
            ("grafana-agent", "Grafana Agent"),
            ("metricbeat", "Metricbeat"),
            ("beszel-agent", "Beszel"),
        )
    },
}
_DISK_UNITS = ("smartd.service", "smartmontools.service")


@dataclass(frozen=True, slots=True)
class Watchers:
    """What watches over the machine.

    Attributes:
        names: programs that watch it or report on it, and jobs that report elsewhere.
        seen: what runs could be seen.
        disks: a program (smartd) watches the disks.
    """

    names: tuple[str, ...]
    seen: bool
    disks: bool


def read_watchers(lines: Sequence[str]) -> Watchers:
    """What the script saw running."""
    processes, units = values(lines, "process"), values(lines, "active")
    names = [_BY_PROCESS[name] for name in processes if name in _BY_PROCESS]
    names += [_BY_UNIT[unit] for unit in units if unit in _BY_UNIT]
    names += values(lines, "reports")
    return Watchers(
        names=tuple(dict.fromkeys(names)),
        seen=values(lines, "processes") == ["seen"],
        disks="smartd" in processes or any(unit in _DISK_UNITS for unit in units),
    )
