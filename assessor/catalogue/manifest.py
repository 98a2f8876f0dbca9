"""``check.yaml`` and ``texts.yaml`` to the model, with the place of every fault."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from assessor.errors import CheckError
from assessor.model.check import (
    FIELD,
    CheckInfo,
    Criterion,
    ParameterInfo,
    Probe,
    ProbeKind,
    Severity,
    Source,
)
from assessor.model.language import Language
from assessor.model.target import Platform, Privilege, Role
from assessor.model.texts import CheckTexts
from assessor.model.windows import is_known, needed
from assessor.yamlfile import Located, canonical_json, read_yaml

ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_WINDOWS = Path(__file__).parent / "windows"
MAX_TIMEOUT_S = 120
MAX_LIMIT_BYTES = 4 * 1024 * 1024

Bilingual = Mapping[Language, str]
"""A text in every language; both must be there."""


class _Model(BaseModel):
    # Those that are only a part of another are not built once more alone.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _as_text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


class _Cim(_Model):
    namespace: str = Field("root/cimv2", pattern=r"^root(/\w+)+$")
    class_: str = Field(alias="class", pattern=r"^\w+$")
    where: str = Field("", pattern=r"^[\x20-\x7e]*$")
    properties: list[Annotated[str, Field(pattern=r"^\w+$")]] = Field(min_length=1)


_Key = Annotated[str, Field(pattern=r"^(HKLM|HKU)(\\[^\\|\x00-\x1f]+)+$")]
_Value = Annotated[str, Field(pattern=r"^[^\\|\x00-\x1f]*$")]


class _Probe(_Model):
    command: str | list[str] = ""
    script: str = ""
    request: dict[str, Any] = Field(default_factory=dict)
    registry: dict[_Key, Annotated[list[_Value], Field(min_length=1)]] = Field(default_factory=dict)
    cim: _Cim | None = None
    device: Literal["configuration"] | None = None
    needs: str = ""
    option: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = ""
    privilege: Privilege = Privilege.NONE
    timeout: int = Field(10, ge=1, le=MAX_TIMEOUT_S)
    limit: int = Field(262_144, ge=1, le=MAX_LIMIT_BYTES)

    @model_validator(mode="after")
    def _one_kind(self) -> _Probe:
        kinds = (self.command, self.script, self.request, self.registry, self.cim, self.device)
        if sum(map(bool, kinds)) != 1:
            raise ValueError(
                "give exactly one of command, script, request, registry, cim and device"
            )
        if self.option and (self.registry or self.cim):
            raise ValueError("registry and cim have no option")
        if self.needs and not (self.registry or self.cim):
            raise ValueError("needs stands beside registry or cim; a script says it in a comment")
        if self.privilege is Privilege.SUDO and not self.command:
            raise ValueError("only a command may have privilege: sudo")
        if self.request and bool(self.option) != any(
            isinstance(value, str) and FIELD.search(value) for value in self.request.values()
        ):
            raise ValueError("a request has {fields} where it has an option, and only there")
        if self.command:
            words = self.words
            if not words[0].startswith("/"):
                raise ValueError("a command begins with an absolute path")
            # sudo has no way to write a backslash that it does not take for an escape itself.
            plain = r"[^ -\[\]-~]" if isinstance(self.command, list) else r"[^A-Za-z0-9_./:=,@%+-]"
            if any(word.split() != word.split(" ") for word in words) or any(
                re.search(plain, word.replace(" ", "")) for word in words
            ):
                raise ValueError(
                    "a command is plain words with single spaces, no shell syntax; give words with"
                    " spaces or quotes in a list"
                )
            if bool(self.option) != any(FIELD.search(word) for word in words):
                raise ValueError("a command has {fields} where it has an option, and only there")
        return self

    @property
    def words(self) -> list[str]:
        """The command's words."""
        return self.command if isinstance(self.command, list) else self.command.split(" ")


class _Parameter(_Model):
    default: str | int | float | bool | list[str] | None
    unit: str = ""
    claim: str | list[str] = ""
    help: dict[Language, str]


class _Source(_Model):
    title: str
    section: Annotated[str, BeforeValidator(lambda v: str(v))] = ""
    url: str = Field("", pattern=r"^(https?://\S+)?$")
    date: Annotated[str, BeforeValidator(_as_text)] = ""


class _Criterion(_Model):
    text: dict[Language, str]
    sources: list[_Source] = Field(min_length=1)


class _Manifest(_Model):
    id: str
    version: int = Field(ge=1)
    measures: list[str] = Field(min_length=1)
    severity: Severity
    roles: list[Role] = Field(min_length=1)
    probes: dict[Platform, dict[str, _Probe]] = Field(min_length=1)
    parameters: dict[str, _Parameter] = Field(default_factory=dict)
    personal: list[str] = Field(default_factory=list)
    criterion: _Criterion


class _Texts(_Model):
    title: str = Field(min_length=1)
    why: str = Field(min_length=1)
    messages: dict[str, str]
    remedies: dict[str, str] = Field(default_factory=dict)


def read_check(folder: Path, origin: str, measures: frozenset[str] | None = None) -> CheckInfo:
    """Reads ``check.yaml`` without loading any of the check's code.

    Args:
        folder: the check's folder; its name must be the check's id.
        origin: where it comes from, for people: ``bundled``, a folder, a package.
        measures: the catalogue's ids; ``None`` leaves the measures unchecked.

    Raises:
        CheckError: the file is missing or wrong; names file, line and field.
    """
    path = folder / "check.yaml"
    document = read_yaml(path)
    manifest = _validated(_Manifest, document)
    if manifest.id != folder.name or not ID.match(manifest.id):
        raise CheckError(
            f"{document.place('id')}: the id {manifest.id!r} is not the folder's name",
            mend=f"call the folder and the id the same, in small letters: {folder.name}",
        )
    for position, measure in enumerate(manifest.measures):
        if measures is not None and measure not in measures:
            raise CheckError(
                f"{document.place('measures', position)}: unknown measure {measure!r}",
                mend="take an id of profiles/measures.yaml",
            )
    for texts in (manifest.criterion.text, *(p.help for p in manifest.parameters.values())):
        if set(texts) != set(Language):
            raise CheckError(f"{path}: a text is missing in one of nl and en: {dict(texts)}")
    return CheckInfo(
        id=manifest.id,
        version=manifest.version,
        folder=folder,
        origin=origin,
        measures=tuple(manifest.measures),
        severity=manifest.severity,
        roles=frozenset(manifest.roles),
        probes={
            platform: tuple(_probe(folder, name, probe, platform) for name, probe in probes.items())
            for platform, probes in manifest.probes.items()
        },
        parameters={
            name: ParameterInfo(
                tuple(p.default) if isinstance(p.default, list) else p.default,
                p.unit,
                tuple(p.claim) if isinstance(p.claim, list) else p.claim,
                {language.value: text for language, text in p.help.items()},
            )
            for name, p in manifest.parameters.items()
        },
        criterion=Criterion(
            {language.value: text for language, text in manifest.criterion.text.items()},
            tuple(Source(s.title, s.section, s.url, s.date) for s in manifest.criterion.sources),
        ),
        personal=frozenset(manifest.personal),
    )


def _probe(folder: Path, name: str, probe: _Probe, platform: Platform) -> Probe:
    manifest = folder / "check.yaml"
    if not ID.match(name):
        raise CheckError(f"{manifest}: {name!r} is no name for a probe")
    kind, text = ProbeKind.SCRIPT, ""
    arguments: tuple[str, ...] = ()
    if (platform is Platform.DEVICE) is not bool(probe.device):
        raise CheckError(
            f"{manifest}: {name}: devices are asked device: configuration, and they alone"
        )
    if probe.device:
        kind, text = ProbeKind.DEVICE, probe.device
    elif probe.script:
        path = folder / probe.script
        if path.parent != folder or not path.is_file():
            raise CheckError(f"{manifest}: the script {probe.script!r} is not there")
        text = path.read_text(encoding="utf-8")
        if (path.suffix == ".ps1") is not (platform is Platform.WINDOWS):
            raise CheckError(f"{path}: windows has scripts of PowerShell (.ps1), and it alone")
    elif probe.registry or probe.cim:
        if platform is not Platform.WINDOWS:
            raise CheckError(f"{manifest}: {name}: registry and cim are for windows")
        text, arguments = _question_to_windows(probe)
    elif probe.command:
        if platform is Platform.WINDOWS:
            raise CheckError(f"{manifest}: {name}: windows has scripts, no commands")
        kind, text = ProbeKind.COMMAND, shlex.join(probe.words)
    else:
        kind, text = ProbeKind.REQUEST, canonical_json(probe.request)
    if platform is Platform.WINDOWS and not is_known(needed(text)):
        raise CheckError(
            f"{manifest}: {name}: {needed(text)!r} is no group or right that assess knows",
            mend="write one that assessor/model/windows.py has, such as S-1-5-32-573",
        )
    return Probe(
        name, kind, text, probe.privilege, probe.timeout, probe.limit, probe.option, arguments
    )


def _question_to_windows(probe: _Probe) -> tuple[str, tuple[str, ...]]:
    """The script that asks, and its arguments; both end in the evidence."""
    cim = probe.cim
    name = "registry.ps1" if cim is None else "cim.ps1"
    text = (_WINDOWS / name).read_text(encoding="ascii")
    if probe.needs:
        text = f"# Needs: {probe.needs}\n{text}"
    if cim is None:
        return text, tuple("|".join((key, *names)) for key, names in probe.registry.items())
    return text, (cim.namespace, cim.class_, cim.where, ",".join(cim.properties))


def read_texts(folder: Path) -> Mapping[Language, CheckTexts]:
    """Reads ``texts.yaml``; both languages have the same keys and placeholders.

    Raises:
        CheckError: the file is missing, wrong, or says less in one language than in the other.
    """
    document = read_yaml(folder / "texts.yaml")
    if not isinstance(document.value, dict) or set(document.value) != {"nl", "en"}:
        raise CheckError(f"{document.path}:1: texts.yaml has the keys nl and en, and no others")
    both = {
        language: _validated(_Texts, document.at(language.value), language.value)
        for language in Language
    }
    nl, en = both[Language.NL], both[Language.EN]
    for kind in ("messages", "remedies"):
        left, right = getattr(nl, kind), getattr(en, kind)
        for key in sorted(left.keys() ^ right.keys()):
            raise CheckError(f"{document.path}: {kind}.{key} stands in one language only")
        for key in left:
            if placeholders(left[key]) != placeholders(right[key]):
                raise CheckError(
                    f"{document.path}: {kind}.{key} names different facts in nl and en"
                )
    return {
        language: CheckTexts(texts.title, texts.why, texts.messages, texts.remedies)
        for language, texts in both.items()
    }


def placeholders(text: str) -> frozenset[str]:
    """The names in curly brackets that facts fill in."""
    return frozenset(re.findall(r"\{([A-Za-z0-9_]+)\}", text))


Validated = TypeVar("Validated", bound=BaseModel)


def _validated(model: type[Validated], document: Located, *prefix: str) -> Validated:
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = [part for part in fault["loc"] if isinstance(part, str | int)]
        field = ".".join(str(part) for part in (*prefix, *where))
        raise CheckError(f"{document.place(*where)}: {field}: {fault['msg']}") from None
