"""Makes the engine of what ``engine:`` in ``assessment.yaml`` says."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from assessor.inputs.engine_settings import BrokerSettings, EngineSettings
from assessor.inputs.problems import Problems
from assessor.inputs.targets import located_path
from assessor.model.engine import Broker, Engine
from assessor.yamlfile import Located


def make_engine(
    settings: EngineSettings | None, located: Located, problems: Problems
) -> Engine | None:
    """The engine; ``None`` where the settings name none. Faults are noted in ``problems``."""
    if settings is None:
        return None
    folder = located.path.parent
    broker = make_broker(settings.broker, located.at("engine", "broker"), problems)
    sites = {name: Path(located_path(site.key, folder)) for name, site in settings.sites.items()}
    for name, path in sites.items():
        if not path.is_file():
            problems.add(
                f"there is no file {settings.sites[name].key!r}",
                located,
                "engine",
                "sites",
                name,
                "key",
                mend="put the worker's public key there: assess key export, at the site",
            )
    return Engine(broker, settings.wait, MappingProxyType(sites))


def make_broker(settings: BrokerSettings, located: Located, problems: Problems) -> Broker:
    """The broker, with its files seen from the settings' own. Faults are noted in ``problems``."""
    files = {}
    for name in ("ca_file", "certificate_file", "key_file"):
        said = getattr(settings, name)
        files[name] = "" if said is None else located_path(said, located.path.parent)
        if said is not None and not Path(files[name]).is_file():
            problems.add(
                f"there is no file {said!r}",
                located,
                name,
                mend="mind the path (it is relative to this file)",
            )
    if (settings.certificate_file is None) != (settings.key_file is None):
        problems.add(
            "a certificate and its key belong together",
            located,
            mend="write certificate_file and key_file, or neither",
        )
    return Broker(settings.url, settings.password, **files)
