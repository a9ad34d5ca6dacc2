"""Reader of tech-stack.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from .language import filled, left_open, name, names, sentences
from .lexicon import Lexicon, listed
from .markdown import Block
from .model import Stated, TechStack
from .practice import read_approach, read_migration_naming
from .products import TAKEN_BACK, in_entry, in_sentence, in_value, is_named
from .reading import Source, cell, first, place, remarks, several, under
from .vocabulary import PRODUCTS, ProductKind

_NAMES: dict[ProductKind, str] = {
    "language": """
        language;languages;programming language;programming languages;primary language
        backend language;main language;sprache;sprachen;programmiersprache;programmiersprachen
        langage;langages;langage de programmation;langages de programmation;lenguaje;lenguajes
        lenguaje de programación;lenguajes de programación;linguagem;linguagens
        linguagem de programação;linguagens de programação;语言;编程语言;言語;プログラミング言語
        язык;языки;язык программирования;языки программирования
        """,
    "database": """
        database;databases;database system;database systems;database engine;db;dbms;rdbms
        relational database;sql database;nosql database;document database;data store;data stores
        datastore;datastores;database server;database technology;datenbank;datenbanken
        datenbanksystem;datenbanksysteme;base de données;bases de données;sgbd;base de datos
        bases de datos;banco de dados;bancos de dados;数据库;資料庫;データベース;데이터베이스
        база данных;базы данных;бд;субд
        """,
    "object_storage": """
        object storage;object store;blob storage;object storage solution;object storage service
        objektspeicher;stockage objet;almacenamiento de objetos;armazenamento de objetos;对象存储
        オブジェクトストレージ
        """,
    "cache": """
        cache;caches;caching;cache system;cache systems;caching layer;cache layer;primary cache
        cache store;in memory cache;cache server;zwischenspeicher;caché;缓存;キャッシュ;кэш
        кэширование
        """,
    "orm": """
        orm;orms;primary orm;object relational mapper;query builder;orm or query builder;odm
        orms and query builders;orm and query builder;data access library;data access
        """,
    "migration_tool": """
        migration tool;migration tools;migrations;schema migrations;migration framework
        database migrations;migration library;schema migration tool;migrationswerkzeug
        migrationstool;outil de migration;herramienta de migración;herramienta de migraciones
        ferramenta de migração;迁移工具;マイグレーションツール;マイグレーション;миграции
        """,
    "validation": """
        validation;validation library;schema validation;data validation;validator
        validation framework;validierung;validierungsbibliothek;bibliothèque de validation
        biblioteca de validación;biblioteca de validação;验证库;バリデーション;валидация
        валидация данных
        """,
    "test": """
        test framework;test frameworks;testing framework;testing frameworks;test tool;test tools
        testing tool;testing tools;tests;testing;unit testing;unit tests;integration testing
        integration tests;database testing;test runner;test library;testwerkzeuge;testframework
        outils de test;framework de test;herramientas de prueba;herramientas de pruebas
        ferramentas de teste;测试工具;测试框架;テストツール;テストフレームワーク;тестирование
        """,
    "backup": """
        backup;backups;backup tool;backup tools;backup software;backup solution;backup management
        backup and recovery tools;sicherung;outil de sauvegarde;sauvegarde
        herramienta de copia de seguridad;copias de seguridad;ferramenta de backup;备份工具
        バックアップツール;резервное копирование
        """,
    "hosting": """
        hosting;hosting platform;hosting provider;cloud;cloud provider;cloud platform
        deployment platform;hébergement;alojamiento;hospedagem;托管;云服务商;ホスティング;クラウド
        хостинг
        """,
    "ci": """
        ci;ci cd;ci/cd;ci/cd tool;ci tool;ci system;ci server;continuous integration;ci platform
        intégration continue;integración continua;integração contínua;持续集成
        継続的インテグレーション
        """,
}


_KINDS = {each: kind for kind, lines in _NAMES.items() for each in listed(lines)}
_PRIMARY = listed("""
    primary database;main database;primary db;primary data store;primary datastore;hauptdatenbank
    primäre datenbank;base de données principale;base de datos principal;banco de dados principal
    основная бд;основная база данных;主数据库;主データベース
""")
_ADDITIONAL = listed("""
    additional databases;additional database;other databases;secondary database
    secondary databases;weitere datenbanken;autres bases de données;otras bases de datos
    outros bancos de dados;其他数据库
""")
_KINDS |= dict.fromkeys(_PRIMARY | _ADDITIONAL, "database")
_GENERIC = listed("""
    tool;tools;framework;library;service;product;technology;name;system;platform;choice;engine
    provider;solution;primary;main;what we use;werkzeug;outil;herramienta;ferramenta;plattform
    plateforme;plataforma;工具;ツール
""")
_GENERAL = listed("""
    tech stack;technology stack;stack;technologies;technology;tools;tooling;overview;backend
    summary;storage;data;data layer;persistence;infrastructure;core technologies;technik
    technologie;technologien;technologies utilisées;tecnologías;tecnologias;技术栈;技術スタック
""")
_CALLED_PRIMARY = re.compile(
    r"(?:^|[;(]\s*|\s[-–—:]\s)(?:the |our )?(?:primary|main)\b"
    r"|\b(?:primary|main) (?:\w+ ){0,2}(?:database|db|data ?store|store)\b",
    re.IGNORECASE,
)
_FRONTEND = Lexicon("frontend;front end;mobile;ui;client;фронтенд;前端;フロントエンド")
_VERSION = listed("version;versión;versão;版本;バージョン;release")
_VERSION_VALUE = re.compile(r"v?(\d+(?:\.[\dx]+)*\+?)(?:\s+(?:lts|stable))?", re.IGNORECASE)
_SCOPES: tuple[tuple[Lexicon, frozenset[ProductKind]], ...] = (
    (Lexicon("test*;qa;测试;テスト"), frozenset({"test"})),
    (
        Lexicon("""
    backup;backups;back ups;recovery;*sicherung;*sauvegarde;备份;バックアップ
"""),
        frozenset({"backup"}),
    ),
    (Lexicon("ci;continuous;pipeline;pipelines"), frozenset({"ci"})),
    (Lexicon("local;development environment;development tools;staging;demo"), frozenset()),
)


class _Found(NamedTuple):
    """A product that a block says is in use.

    Attributes:
        kind: What for.
        name: Its name without the version.
        stated: Its name with the version, and where.
        strength: 3 by a label, 2 as a list entry, 1 in prose, 0 for a frontend.
        primary: Whether it is called the primary one; None if nothing is said.
    """

    kind: ProductKind
    name: str
    stated: Stated
    strength: int
    primary: bool | None


def read_tech_stack(source: Source) -> tuple[TechStack, list[str]]:
    """What tech-stack.md states, and in which points it contradicts itself."""
    found = list(_products(source))
    contradictions: list[str] = []

    def only(kind: ProductKind, what: str) -> Stated | None:
        return _only([each for each in found if each.kind == kind], what, source, contradictions)

    def all_of(kind: ProductKind) -> tuple[Stated, ...]:
        ordered = sorted(_distinct(found, kind), key=lambda each: each.strength == 0)
        return several(each.stated for each in ordered)

    primary, additional = _databases(found, source, contradictions)
    stack = TechStack(
        languages=all_of("language"),
        primary_database=primary,
        additional_databases=additional,
        object_storage=only("object_storage", "object stores"),
        cache=only("cache", "caches"),
        orm=only("orm", "ORMs"),
        migration_tool=only("migration_tool", "migration tools"),
        migration_approach=_migration_approach(source),
        migration_naming=read_migration_naming(source),
        approach=read_approach(source, contradictions),
        validation_library=only("validation", "validation libraries"),
        test_tools=all_of("test"),
        backup_tools=all_of("backup"),
        hosting=only("hosting", "hosting platforms"),
        ci=only("ci", "CI systems"),
    )
    return stack, contradictions


_MIGRATION_APPROACH = listed("""
    migration strategy;migration approach;migrationsstrategie;stratégie de migration
    estrategia de migración;estratégia de migração;迁移策略
""")
_APPROACH = listed("approach;primary approach;strategy;ansatz;approche;enfoque")


def _migration_approach(source: Source) -> Stated | None:
    near = under(*_MIGRATION_APPROACH, "migrations")
    found = source.labelled(_MIGRATION_APPROACH, generic=_APPROACH, under=near)
    return first(source.stated(value, block) for value, block in found)


def _databases(
    found: list[_Found], source: Source, contradictions: list[str]
) -> tuple[Stated | None, tuple[Stated, ...]]:
    """The primary database if it is clear which one that is, and the others."""
    databases = _distinct(found, "database")
    called = [each for each in databases if each.primary]
    if len(called) > 1:
        contradictions.append(_several_sentence(source, "primary databases", called))
    candidates = called or [each for each in databases if each.primary is None]
    primary = candidates[0] if len(candidates) == 1 else None
    return primary and primary.stated, several(each.stated for each in databases if each != primary)


def _distinct(found: list[_Found], kind: ProductKind) -> list[_Found]:
    """One entry a product: the strongest, with a version if any of its kind has one."""
    best: dict[str, _Found] = {}
    for each in found:
        if each.kind != kind:
            continue
        known = best.setdefault(each.name, each)
        rank = each.strength, each.stated.value != each.name
        if rank > (known.strength, known.stated.value != known.name):
            best[each.name] = each._replace(primary=each.primary or known.primary)
        elif each.primary and not known.primary:
            best[each.name] = known._replace(primary=True)
    return list(best.values())


def _only(
    found: list[_Found], what: str, source: Source, contradictions: list[str]
) -> Stated | None:
    """The one product of a kind; of several that are equally well stated, none."""
    if not found:
        return None
    strength = max(each.strength for each in found)
    best = _distinct([each for each in found if each.strength == strength], found[0].kind)
    if len(best) == 1:
        return best[0].stated
    contradictions.append(_several_sentence(source, what, best))
    return None


def _several_sentence(source: Source, what: str, found: Iterable[_Found]) -> str:
    named = ", ".join(each.stated.value for each in found)
    return f"{source.document} names several {what} ({named}); none was taken"


def _products(source: Source) -> Iterator[_Found]:
    last: _Found | None = None
    last_block: Block | None = None
    for block in source.facts:
        if block.kind == "todo":
            continue
        if last and last_block and name(block.label) in _VERSION and _siblings(block, last_block):
            last = _with_version(last, block.value)
            yield last
            continue
        found = [each for each in _in_block(source, block) if _in_scope(each.kind, block)]
        if any(_FRONTEND.found_in(heading.text) for heading in block.path):
            found = [each._replace(strength=0) for each in found]
        yield from found
        if len(found) == 1:
            last, last_block = found[0], block
        elif found:
            last = None


def _siblings(block: Block, other: Block) -> bool:
    same_path = [each.anchor for each in block.path] == [each.anchor for each in other.path]
    return same_path and block.parents in (other.parents, (other.label,))


def _with_version(found: _Found, value: str) -> _Found:
    version = _VERSION_VALUE.fullmatch(filled(value).strip())
    if version is None or found.stated.value != found.name:
        return found
    return found._replace(stated=replace(found.stated, value=f"{found.name} {version[1]}"))


def _in_scope(kind: ProductKind, block: Block) -> bool:
    texts = [each.text for each in block.path] + list(block.parents)
    return all(
        kind in kinds for words, kinds in _SCOPES if any(words.found_in(text) for text in texts)
    )


def _in_block(source: Source, block: Block) -> Iterator[_Found]:
    labelled = False
    for label, value in _labelled_values(block):
        kinds = _kinds_of(label, block)
        labelled = labelled or (bool(kinds) and block.sure)
        row = (text for _, text in block.columns)
        words = (label, *place(block), "; ".join((value, *row)))
        for product, text, kind in in_value(filled(value), kinds):
            found = _found(source, block, (kind, product, text), 3, words)
            yield _with_version(found, _version_cell(block))
    if labelled or block.kind in {"head", "row"}:
        return
    yield from _unlabelled(source, block)


def _labelled_values(block: Block) -> Iterator[tuple[str, str]]:
    """The label and value of a block; of a row, also its cells under heads that name a kind."""
    if not block.label or not filled(block.label):
        return
    if block.kind == "head":
        if block.value.casefold() in PRODUCTS or re.search(r"\d", block.value):
            yield block.label, block.value
        return
    if TAKEN_BACK.found_in(remarks(block)):
        return
    across = [pair for pair in block.columns if set(names(pair[0])) & _KINDS.keys()]
    yield from across
    if not across or across == [block.columns[0]]:
        yield block.label, cell(block)


def _version_cell(block: Block) -> str:
    return next((text for head, text in block.columns if name(head) in _VERSION), "")


def _kinds_of(label: str, block: Block) -> list[ProductKind]:
    """What a label is about, by itself or, for `Tool` and its like, by what it stands under."""
    found = [_KINDS[each] for each in names(label) if each in _KINDS]
    if not found and name(label) in _GENERIC:
        found = [_KINDS[each] for each in place(block) if each in _KINDS]
    return list(dict.fromkeys(found))


def _unlabelled(source: Source, block: Block) -> Iterator[_Found]:
    """Products in list entries and short lines, else in sentences."""
    text, where = block.text, place(block)
    named = is_named(block.label) and block.sure and not left_open(block.value)
    if named:
        text = f"{block.label}{' ' if block.value[:1].isdigit() else ' - '}{block.value}"
    elif name(block.label) in _GENERAL:
        text, where = block.value, (name(block.label),)
    kinds = [_KINDS[each] for each in where if each in _KINDS]
    title = block.heading is not None and block.heading.level == 1
    anything = title or not where or bool(set(where) & _GENERAL)
    entries = list(in_entry(filled(text), kinds)) if kinds else []
    if not entries and (named or (anything and not kinds)):
        entries = list(in_entry(filled(text), None))
    for product, shown, kind in entries:
        yield _found(source, block, (kind, product, shown), 2, (*where, text))
    if entries or block.kind == "heading":
        return
    for sentence in sentences(block.text):
        for product, shown, kind, primary in in_sentence(sentence):
            yield _Found(kind, product, source.stated(shown, block), 1, primary or None)


def _found(
    source: Source,
    block: Block,
    product: tuple[ProductKind, str, str],
    strength: int,
    words: tuple[str, ...],
) -> _Found:
    kind, own, shown = product
    primary = additional = False
    for word in words:
        plain = set(names(word))
        primary = primary or bool(plain & _PRIMARY)
        additional = additional or bool(plain & _ADDITIONAL)
    primary = primary or bool(_CALLED_PRIMARY.search(words[-1]))
    called = True if primary else False if additional else None
    return _Found(kind, own, source.stated(shown, block), strength, called)
