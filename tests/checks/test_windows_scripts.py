"""The PowerShell of the checks only reads: every command it names is on a list of readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from assessor import bundled

SCRIPTS = sorted(
    [
        *bundled.folder("checks").glob("*/*.ps1"),
        *(Path(bundled.__file__).parent / "catalogue" / "windows").glob("*.ps1"),
    ]
)
READERS = frozenset(
    {
        "convertto-json",
        "foreach-object",
        "get-acl",
        "get-authenticodesignature",
        "get-childitem",
        "get-cimassociatedinstance",
        "get-ciminstance",
        "get-command",
        "get-content",
        "get-item",
        "get-localuser",
        "get-scheduledtask",
        "get-scheduledtaskinfo",
        "get-smbclientconfiguration",
        "get-wbsummary",
        "join-path",
        "get-itemproperty",
        "get-member",
        "get-netfirewallprofile",
        "get-netfirewallrule",
        "get-service",
        "get-smbserverconfiguration",
        "get-winevent",
        "invoke-cimmethod",
        "measure-object",
        "new-object",
        "select-object",
        "sort-object",
        "test-path",
        "where-object",
        "write-output",
    }
)
METHODS = frozenset(
    {"GetConversionStatus", "GetKeyProtectors", "GetKeyProtectorType", "GetEncryptionMethod"}
    | {"GetProtectionStatus", "GetLockStatus", "GetHardwareEncryptionStatus"}
    | {"GetConfiguration"}
)
"""Methods of CIM classes that only give something back."""
CLASSES = frozenset(
    {
        "collections.generic.list[object]",
        "data.sqlclient.sqlconnection",
        "data.sqlclient.sqlconnectionstringbuilder",
        "diagnostics.eventing.reader.eventlogconfiguration",
        "diagnostics.eventing.reader.eventlogquery",
        "diagnostics.eventing.reader.eventlogreader",
        "directoryservices.directoryentry",
        "directoryservices.directorysearcher",
        "io.filestream",
        "io.streamreader",
        "security.cryptography.x509certificates.x509certificate2",
        "security.principal.securityidentifier",
        "unauthorizedaccessexception",
        "xml.xmldocument",
    }
)
WRITERS = (
    r"\.(Put|SetInfo|CommitChanges|Delete|DeleteValue|SetValue|CreateSubKey|DeleteSubKey\w*|Save|SaveChanges)\(",
    r"\.(ExecuteNonQuery|WriteAllText|WriteAllBytes|AppendAllText|MoveTo|CopyTo)\(",
    r"(?<!2)>\s*\S*[\w$]",
    r"\bAdd-Type\b|\bInvoke-Expression\b|\biex\b|\bStart-Process\b",
)
PROGRAMS = {"auditpol.exe": r"/get /category:\* /r"}


def _nodes(node: Node, kind: str) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == kind:
            yield one
        waiting += one.children


def _text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode("ascii")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_command_only_reads(path: Path) -> None:
    root = Parser(Language(tree_sitter_powershell.language())).parse(path.read_bytes()).root_node
    own = {_text(name).lower() for name in _nodes(root, "function_name")}
    for command in _nodes(root, "command"):
        names = [child for child in command.children if child.type == "command_name"]
        if not names:
            # What a variable names is given as -Command 'Name' somewhere in the same script.
            assert re.match(r"& \$Command\b", _text(command)), _text(command)
            given = re.findall(r"-Command '([\w-]+)'", path.read_text(encoding="ascii"))
            assert given
            assert {one.lower() for one in given} <= READERS
            continue
        name = _text(names[0]).lower()
        assert name in READERS | own | PROGRAMS.keys(), f"{path.name}: {name}"
        if name in PROGRAMS:
            assert re.search(PROGRAMS[name], _text(command)), _text(command)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_way_around_the_commands(path: Path) -> None:
    text = re.sub(r"(?m)^\s*#.*$", "", path.read_text(encoding="ascii"))
    for method in re.findall(r"-MethodName\s+'?(\w+)", text):
        assert method in METHODS, method
    for name in re.findall(r"New-Object\s+(?:-TypeName\s+)?'?([\w.\[\]]+)", text):
        if name == "-ComObject":
            continue
        assert name.lower().removeprefix("system.") in CLASSES, name
    bare = re.sub(r"'[^']*'", "''", text)
    for writer in WRITERS:
        assert not re.search(writer, bare), writer


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_answer_says_that_it_is_whole(path: Path) -> None:
    text = path.read_text(encoding="ascii")
    assert re.search(r"\bend = \$true\b", text)
    assert len(re.findall(r"\bConvertTo-Json\b", text)) >= 1
