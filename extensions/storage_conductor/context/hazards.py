"""Things in the documents' code and rules that are surely unsafe to follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..markdown.headings import Heading
from .lexicon import Lexicon, listed
from .model import Stated, Unsafe
from .reading import Source, mentions

_CONCURRENTLY = re.compile(
    r"\b(?:(?:create\s+(?:unique\s+)?|drop\s+)index|reindex\s+\w+)\s+concurrently\b", re.IGNORECASE
)
_SQL_STEP = re.compile(
    r"^[ \t]*(?P<begin>begin\b(?!\s*\(|\s+try)|start\s+transaction\b)"
    r"|^[ \t]*(?P<end>(?:commit|rollback|end)\b)|(?P<index>" + _CONCURRENTLY.pattern + ")",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT = re.compile(
    r"/\*(?:(?!/\*).)*?\*/|--[^\n]*|^[ \t]*(?://|#)[^\n]*", re.DOTALL | re.MULTILINE
)
_PASSWORD_IN_COMMAND = re.compile(
    r"[`\"'][^`\"'\n]*\b(?:PGPASSWORD|MYSQL_PWD|REDISCLI_AUTH)=\\?['\"]?"
    r"(?:\$?\{[^{}\n]*\}|\$\w+|%s)\\?['\"]?\s+[a-z]"
    r"|\b(?:mysql|mysqldump|mariadb|mariadb-dump|mongodump|mongorestore|mongosh)\b[^\n|;&]*?\s"
    r"(?:--password[= ]|-p)['\"]?\$?\{?[A-Za-z_$({]"
    r"|\bredis-cli\b[^\n|;&]*?\s(?:-a|--pass)\s+\S",
)
_FORMATTED = r"(?:`[^`]*\$\{|f[\"'][^\"'\n]*\{|[\"'][^\"'\n]*[\"']\s*(?:\+|%\s|\.format\())"
_SHELL_CALL = re.compile(
    rf"\bos\.(?:system|popen)\(\s*{_FORMATTED}"
    rf"|\bsubprocess\.\w+\(\s*{_FORMATTED}[^)]*\bshell\s*=\s*True"
    rf"|(?<![.\w])(?:exec|execSync|execAsync)\(\s*{_FORMATTED}",
    re.DOTALL,
)
_SHELL_COMMAND = re.compile(r"\b(?:const|let|var)\s+(\w+)\s*=\s*`[^`]*\$\{")
_TLS_OFF = re.compile(
    r"\brejectUnauthorized\s*:\s*false\b"
    r"|\bNODE_TLS_REJECT_UNAUTHORIZED\s*=\s*['\"]?0|\bverify_mode\s*=\s*ssl\.CERT_NONE\b"
    r"|\bTrustServerCertificate\s*=\s*true\b",
    re.IGNORECASE,
)
_SIGNS = listed("""
    concurrently;passw;_pwd;_auth;child_process;os.;subprocess;redis-cli;mysql;mongo;mariadb
    rejectunauthorized;reject_unauthorized;cert_none;trustserver
""")
_WARNED_OF = Lexicon("""
    bad;wrong;don't;dont;do not;never;avoid;unsafe;insecure;incorrect;anti pattern;antipattern
    anti patterns;not like;fail;fails;instead of;dangerous;vulnerable;falsch;schlecht;nicht
    mauvais;malo;errado;incorrecto;❌;🚫;✗;错误;悪い
""")


def find_unsafe(sources: Iterable[Source], one_transaction: Iterable[Stated]) -> tuple[Unsafe, ...]:
    """What the documents show or order that must not be followed.

    Args:
        sources: The documents.
        one_transaction: Rules that each migration be one transaction. They contradict an index
            that is built concurrently: PostgreSQL refuses that inside a transaction block
            (manual, CREATE INDEX), so they are reported when the documents show such an index.
    """
    found: dict[Unsafe, None] = {}
    concurrently = False
    for source in sources:
        for code, heading in _shown(source):
            concurrently = concurrently or bool(_CONCURRENTLY.search(_COMMENT.sub(" ", code)))
            for key in _hazards(code):
                place = (heading.text[:120], heading.anchor) if heading else ("", "")
                found[Unsafe(key, source.document, *place)] = None
    if concurrently:
        for rule in one_transaction:
            found[Unsafe("one-transaction-rule", rule.document, rule.heading, rule.anchor)] = None
    return tuple(found)


def _shown(source: Source) -> Iterator[tuple[str, Heading | None]]:
    """Each piece of code that may hold a hazard and is not shown as a warning."""
    before = ""
    for block in source.blocks:
        if block.kind != "code":
            before = block.text
            continue
        if mentions(block.value, _SIGNS):
            heading = block.heading.text if block.heading else ""
            if not (_WARNED_OF.found_in(before) or _WARNED_OF.found_in(heading)):
                yield _unwarned(block.value), block.heading
        before = ""


def _unwarned(code: str) -> str:
    """The paragraphs of the code without those that a comment calls bad."""
    return "\n\n".join(
        part
        for part in re.split(r"\n\s*\n", code)
        if not any(map(_WARNED_OF.found_in, re.findall(r"(?:--|//|#|/\*)\s*(.*)", part)))
    )


def _hazards(code: str) -> Iterator[str]:
    if _concurrently_in_transaction(code):
        yield "concurrent-index-in-transaction"
    if _PASSWORD_IN_COMMAND.search(code):
        yield "password-on-command-line"
    if _interpolated_command(code):
        yield "interpolated-shell-command"
    if _TLS_OFF.search(code):
        yield "tls-verification-off"


def _concurrently_in_transaction(code: str) -> bool:
    inside = False
    for step in _SQL_STEP.finditer(_COMMENT.sub(" ", code)):
        if step["index"] and inside:
            return True
        inside = bool(step["begin"]) or (inside and not step["end"])
    return False


def _interpolated_command(code: str) -> bool:
    if _SHELL_CALL.search(code) and (
        "child_process" in code or "os." in code or "subprocess" in code
    ):
        return True
    if "child_process" not in code:
        return False
    return any(
        re.search(rf"(?<![.\w])exec(?:Sync|Async)?\(\s*{name}\b", code)
        for name in _SHELL_COMMAND.findall(code)
    )
