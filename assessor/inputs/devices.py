"""What must hold for a target that is a device: a router, firewall, access point or NAS."""

from __future__ import annotations

from assessor.inputs.problems import Problems
from assessor.model.target import DeviceOs, Platform, SecretPurpose, Target, TransportKind
from assessor.yamlfile import Located

_WAYS = frozenset({TransportKind.SSH, TransportKind.FILE})


def check_device(target: Target, located: Located, field: str, problems: Problems) -> None:
    """Notes in ``problems`` what is wrong with ``target``, which stands at ``located``."""

    def wrong(name: str, problem: str, mend: str) -> None:
        problems.add(problem, located, field=f"{field}.{name}", mend=mend)

    if target.platform is not Platform.DEVICE:
        if target.transport in {TransportKind.FILE, TransportKind.TR064} or target.file:
            wrong(
                "platform",
                "only a device's configuration is read from a file or over tr-064",
                f"write platform: and one of {', '.join(DeviceOs)}",
            )
        return
    if target.device is DeviceOs.FRITZOS:
        ways = frozenset({TransportKind.TR064})
    elif target.device in {DeviceOs.DSM, DeviceOs.QTS}:
        ways = frozenset({TransportKind.SSH})
    else:
        ways = _WAYS
    if target.transport not in ways:
        wrong(
            "transport",
            f"{target.device} is not read over {target.transport}",
            f"write transport: {' or '.join(sorted(ways))}, or leave it out",
        )
    if (target.transport is TransportKind.FILE) is not bool(target.file):
        wrong(
            "file",
            "transport: file and the file belong together",
            "write file: and the path of the exported configuration, or leave both out",
        )
    if target.transport is TransportKind.TR064:
        if not target.user:
            wrong("user", "is missing", "write the name of a user of the FRITZ!Box")
        if SecretPurpose.PASSWORD not in target.secrets:
            wrong("secrets", "is missing", "write secrets: {password: ask}, or where it comes from")
        if target.jump:
            wrong("jump", "tr-064 goes through no jump host", "leave jump out")
