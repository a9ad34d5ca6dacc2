"""What the manifests in a project's root tell of its language, store and tools."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from .lexicon import listed, tables

# Compiled where they are used: most projects have few of these files, or none.
_PACKAGE = r"\s*([A-Za-z0-9_.-]{1,100})"
_ARTIFACT = r"<artifactId>\s*([\w.-]{1,100})\s*</artifactId>"
_COORDINATE = r"[\"'][\w.-]{1,100}:([\w.-]{1,100})(?::[^\"'\n]{0,60})?[\"']"
_KOTLIN = r"kotlin-maven-plugin|kotlin\(\"|org\.jetbrains\.kotlin|<kotlin\.version>"
_JAVA_VERSION = (
    r"<(?:java\.version|maven\.compiler\.(?:release|source))>\s*(\d{1,3})\s*<"
    r"|JavaLanguageVersion\.of\(\s*(\d{1,3})"
)
_GO_VERSION = r"(?m)^go[ \t]+(\d{1,3}\.\d{1,3})"
_GO_MODULE = r"(?m)^[ \t]*(?:require[ \t]+)?([\w.-]{1,60}/[\w./-]{1,150})[ \t]+v"
_GEM = r"(?m)^[ \t]*gem[ \t]+[\"']([\w-]{1,100})[\"']"
_IMAGE = (
    r"(?m)^[ \t]*image:[ \t]*[\"']?(?:docker\.io/)?(?:library/)?([\w./-]{1,120})"
    r"(?::v?(\d{1,3}(?:\.\d{1,3})?))?"
)
_PROVIDER = r"(?m)^[ \t]*provider[ \t]*=[ \t]*\"(\w{1,40})\""
_LEAST = r">=\s*v?(\d{1,3}(?:\.\d{1,3})?)"


class Told(NamedTuple):
    """A product that a manifest names.

    Attributes:
        name: Its usual name.
        version: As far as it is told for the product itself, such as `3.12+`; else empty.
        line: 1-based line; 1 where the file as a whole tells it.
    """

    name: str
    version: str = ""
    line: int = 1


def _pairs(table: str) -> dict[str, str]:
    entries = (entry.split("=", 1) for entry in listed(tables("manifests")[table]))
    return {key.strip(): value.strip() for key, value in entries}


def _known(text: str, table: str, packages: Iterable[str]) -> Iterator[Told]:
    """The products behind packages, each at the line that names the package first."""
    names = _pairs(table)
    for package in dict.fromkeys(packages):
        if package in names:
            yield Told(names[package], "", _line(text, package))


def _line(text: str, what: str) -> int:
    return text.count("\n", 0, max(text.casefold().find(what), 0)) + 1


def _python(text: str) -> Iterator[Told]:
    import tomllib

    data = tomllib.loads(text)
    project, tool = _mapping(data.get("project")), _mapping(data.get("tool"))
    poetry = _mapping(tool.get("poetry"))
    least = re.search(_LEAST, str(project.get("requires-python") or ""))
    yield Told("Python", f"{least[1]}+" if least else "")
    groups = [*_mapping(project.get("optional-dependencies")).values()]
    groups += [project.get("dependencies"), *_mapping(data.get("dependency-groups")).values()]
    packages = [str(each) for group in groups if isinstance(group, list) for each in group]
    packages += _mapping(poetry.get("dependencies"))
    for group in _mapping(poetry.get("group")).values():
        packages += _mapping(_mapping(group).get("dependencies"))
    yield from _known(text, "python", map(_normal, packages))


def _requirements(text: str) -> Iterator[Told]:
    yield Told("Python")
    yield from _known(text, "python", map(_normal, text.split("\n")))


def _normal(requirement: str) -> str:
    """The name of a Python package as PEP 503 normalises it."""
    found = re.match(_PACKAGE, requirement)
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _json_packages(text: str, keys: tuple[str, ...]) -> list[str]:
    data = _mapping(json.loads(text))
    return [name for key in keys for name in _mapping(data.get(key))]


def _node(text: str) -> Iterator[Told]:
    packages = _json_packages(text, ("dependencies", "devDependencies", "peerDependencies"))
    yield Told("TypeScript" if "typescript" in packages else "JavaScript")
    yield from _known(text, "node", packages)


def _php(text: str) -> Iterator[Told]:
    data = _mapping(json.loads(text))
    least = re.search(r"(\d{1,3}\.\d{1,3})", str(_mapping(data.get("require")).get("php") or ""))
    yield Told("PHP", f"{least[1]}+" if least else "")
    yield from _known(text, "php", _json_packages(text, ("require", "require-dev")))


def _maven(text: str) -> Iterator[Told]:
    yield _jvm_language(text)
    yield from _known(text, "jvm", re.findall(_ARTIFACT, text))


def _gradle(text: str) -> Iterator[Told]:
    yield _jvm_language(text)
    yield from _known(text, "jvm", re.findall(_COORDINATE, text))


def _jvm_language(text: str) -> Told:
    if re.search(_KOTLIN, text):
        return Told("Kotlin")
    version = re.search(_JAVA_VERSION, text)
    return Told("Java", (version[1] or version[2]) if version else "")


def _go(text: str) -> Iterator[Told]:
    version = re.search(_GO_VERSION, text)
    yield Told("Go", version[1] if version else "")
    yield from _known(text, "go", re.findall(_GO_MODULE, text))


def _ruby(text: str) -> Iterator[Told]:
    yield Told("Ruby")
    yield from _known(text, "ruby", re.findall(_GEM, text))


def _rust(text: str) -> Iterator[Told]:
    import tomllib

    data = tomllib.loads(text)
    yield Told("Rust")
    keys = ("dependencies", "dev-dependencies")
    packages = [name for key in keys for name in _mapping(data.get(key))]
    packages += _mapping(_mapping(data.get("workspace")).get("dependencies"))
    yield from _known(text, "rust", packages)


def _compose(text: str) -> Iterator[Told]:
    names = _pairs("images")
    for found in re.finditer(_IMAGE, text):
        if found[1] in names:
            line = text.count("\n", 0, found.start()) + 1
            yield Told(names[found[1]], found[2] or "", line)


def _prisma(text: str) -> Iterator[Told]:
    names = _pairs("prisma")
    yield Told("Prisma")
    for found in re.finditer(_PROVIDER, text):
        if found[1] in names:
            yield Told(names[found[1]], "", text.count("\n", 0, found.start()) + 1)


Reader = Callable[[str], Iterator[Told]]
READERS: dict[str, Reader] = {
    "pyproject.toml": _python,
    "requirements.txt": _requirements,
    "package.json": _node,
    "pom.xml": _maven,
    "build.gradle": _gradle,
    "build.gradle.kts": _gradle,
    "go.mod": _go,
    "Gemfile": _ruby,
    "composer.json": _php,
    "Cargo.toml": _rust,
    "prisma/schema.prisma": _prisma,
    "compose.yaml": _compose,
    "compose.yml": _compose,
    "docker-compose.yml": _compose,
    "docker-compose.yaml": _compose,
}
"""How each manifest is read, by its path, the surest first."""


def tools_by_file() -> dict[str, str]:
    """The files whose mere being there names a tool, with its usual name."""
    return _pairs("files")
