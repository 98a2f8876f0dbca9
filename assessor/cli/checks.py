"""``assess checks``: list, show, make and test checks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import options
from assessor.cli.console import say, warn
from assessor.cli.exit_codes import ExitCode
from assessor.errors import CheckError, UsageError
from assessor.model.language import Language

app = typer.Typer(no_args_is_help=True, help="The checks: what they ask and how they judge.")

CheckId = Annotated[str, typer.Argument(help="A check's id, such as host_firewall.")]


@app.command("list")
def list_(checks: options.ChecksFolders = None, json: options.Json = False) -> None:
    """List every check with the measures it shows."""
    from assessor import pipeline
    from assessor.yamlfile import canonical_json

    catalogue = pipeline.Checks(tuple(checks or ())).catalogue
    for info in catalogue.infos.values():
        platforms = ", ".join(info.probes)
        measures = ", ".join(info.measures)
        if json:
            typer.echo(
                canonical_json(
                    {
                        "id": info.id,
                        "version": info.version,
                        "measures": list(info.measures),
                        "platforms": list(info.probes),
                        "origin": info.origin,
                    }
                )
            )
        else:
            say(f"{info.id:20} {measures:44} {platforms:10} {info.origin}")
    for name, why in catalogue.broken.items():
        warn(f"broken: {name}: {why}")
    if catalogue.broken:
        raise typer.Exit(ExitCode.USAGE)


@app.command()
def show(
    check: CheckId,
    checks: options.ChecksFolders = None,
    lang: options.Lang = None,
    probes: Annotated[bool, typer.Option("--probes", help="Show what runs, too.")] = False,
) -> None:
    """Show what a check is for, its criterion and sources, its settings and its probes."""
    from assessor import pipeline

    catalogue = pipeline.Checks(tuple(checks or ())).catalogue
    if check not in catalogue.infos:
        raise UsageError(_unknown(check, tuple(catalogue.infos)))
    info = catalogue.infos[check]
    language = lang or Language.EN
    texts = catalogue.texts()[check][language]
    say(f"{info.id}, version {info.version}: {texts.title}")
    say(f"  {texts.why}")
    say(f"  measures: {', '.join(info.measures)}; severity: {info.severity}")
    say(f"  for: {', '.join(sorted(info.roles))}")
    say(f"  criterion: {info.criterion.text[language.value]}")
    for source in info.criterion.sources:
        parts = (source.title, source.section, source.date, source.url)
        say(f"    {', '.join(part for part in parts if part)}")
    for name, parameter in info.parameters.items():
        say(f"  {name} = {parameter.default} {parameter.unit}: {parameter.help[language.value]}")
    for platform, items in info.probes.items():
        for probe in items:
            rights = ", as root" if probe.privilege == "sudo" else ""
            say(f"  {platform}: {probe.name} ({probe.kind}{rights})")
            if probes:
                for line in probe.text.rstrip("\n").splitlines():
                    say(f"      {line}")


@app.command()
def test(
    check: Annotated[list[str] | None, typer.Argument(help="Ids; all unless said.")] = None,
    checks: options.ChecksFolders = None,
) -> None:
    """Judge a check's samples and compare with what they expect."""
    from assessor import pipeline
    from assessor.catalogue.samples import judge_sample, read_samples

    catalogue = pipeline.Checks(tuple(checks or ())).catalogue
    failed = 0
    for name in check or list(catalogue.infos):
        if name in catalogue.broken:
            raise CheckError(catalogue.broken[name])
        if name not in catalogue.infos:
            raise UsageError(_unknown(name, tuple(catalogue.infos)))
        info = catalogue.infos[name]
        samples = read_samples(info)
        if not samples:
            failed += 1
            say(f"FAIL {name}: it has no samples")
        for sample in samples:
            faults = judge_sample(info, catalogue.check(name), catalogue.texts()[name], sample)
            say(f"{'FAIL' if faults else 'ok  '} {name}/{sample.name}")
            for fault in faults:
                say(f"       {fault}")
            failed += bool(faults)
    if failed:
        raise typer.Exit(ExitCode.BROKEN)


@app.command()
def new(
    check: CheckId,
    directory: Annotated[
        Path, typer.Option("--in", help="The folder that holds your check folders.")
    ] = Path("checks"),
    measure: Annotated[str, typer.Option("--measure", help="The measure it shows.")] = "patching",
) -> None:
    """Write a first version of a check, which its sample already passes."""
    from assessor import pipeline
    from assessor.catalogue.scaffold import write_check

    for path in write_check(directory, check, measure, frozenset(pipeline.Checks().measures)):
        say(str(path))
    say(f"Try it: assess checks test {check} --checks {directory}")


def _unknown(check: str, known: tuple[str, ...]) -> str:
    import difflib

    near = difflib.get_close_matches(check, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no check {check!r}{hint}"
