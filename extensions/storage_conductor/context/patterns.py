"""Topics of headings, and the reader of storage-template.md."""

from __future__ import annotations

import re

from .language import filled
from .markdown import Block, Heading
from .model import Pattern
from .reading import Source

_PATTERNS_MOST = 40
_TOPICS = {
    topic: re.compile(words, re.IGNORECASE)
    for topic, words in {
        "schema": r"\bschemas?\b|\bmodels?\b|\bentit(?:y|ies)\b|\btables?\b|\bschéma|\besquema|模式|スキーマ",
        "migration": r"\bmigrati|\bmigraci|\bmigraç|迁移|マイグレーション",
        "repository": r"\brepositor|\bdata access\b|\bdao\b|\bcrud\b|仓储|リポジトリ",
        "transactions": r"\btransa[kc]|\bunit of work\b|\bisolation\b|\bdeadlocks?\b|事务|トランザクション",
        "queries": r"\bquer(?:y|ies)\b|\babfragen?\b|\brequêtes?\b|\bconsultas?\b|查询|クエリ",
        "indexing": r"\bindex(?:es|ing)?\b|\bindices\b|索引|インデックス",
        "connection": r"\bconnection|\bpool(?:s|ing)?\b|\bclient setup\b|\bverbindung|\bconnexion"
        r"|\bconexi|\bconexão|连接|接続",
        "validation": r"\bvalidat|\bvalidier|\bvalidaci|\bvalidaç|\bconstraints?\b|\bintegrity\b|验证|検証",
        "backup": r"\bback-?ups?\b|\brestor|\brecovery\b|\bsicherung|\bsauvegarde|备份|バックアップ",
        "errors": r"\berrors?\b|\bexceptions?\b|\bfehler|\berreurs?\b|\berrores\b|\berros\b|错误|エラー",
        "tests": r"\btest(?:s|ing)?\b|\bfixtures?\b|\bpruebas\b|\btestes\b|测试|テスト",
        "readme": r"\breadme\b",
        "consistency": r"\bconsisten|\bacid\b|一致性|整合性",
        "performance": r"\bperforman|\boptimi[sz]|\bslow\b|性能|パフォーマンス",
        "caching": r"\bcach(?:e|es|ing)\b|缓存|キャッシュ",
        "versioning": r"\bversion(?:ing|s)?\b",
        "security": r"\bsecur|\bcredential|\bencrypt|\baccess control\b|\bsecrets?\b|\binjection\b"
        r"|\bsicherheit|\bsécurité|\bseguridad|\bsegurança|安全|セキュリティ",
        "observability": r"\blog(?:s|ging)?\b|\bmonitor|\bmetrics\b|\balert|\btracing\b|日志|监控|監視",
        "naming": r"\bnaming\b|\bnommage\b|命名",
    }.items()
}
_NOT_HEADING = re.compile(r"\([^()]*\)|（[^（）]*）|\S*[\w-]\.\w{1,5}\b\S*")


def topics(*headings: str) -> tuple[str, ...]:
    """What a section is about, by the words of its heading, else of the next one that says it.

    File names and what stands in brackets do not count: `Test Examples (tests/repository.py)`.

    Args:
        headings: The heading and, in that order, those above it.
    """
    for heading in headings:
        bare = _NOT_HEADING.sub(" ", heading)
        found = tuple(topic for topic, words in _TOPICS.items() if words.search(bare))
        if found:
            return found
    return ()


def read_patterns(source: Source) -> tuple[Pattern, ...]:
    """The sections of storage-template.md that offer something to copy, by topic."""
    offering = {heading.line for block in source.blocks if _offers(block) for heading in block.path}
    headings = [block.path for block in source.blocks if block.kind == "heading"]
    title = _title(headings)
    return tuple(
        Pattern(path[-1].text[:120], path[-1].anchor, found)
        for path in headings
        if path[-1].line in offering and path[-1] is not title
        for found in [topics(path[-1].text)]
        if found
    )[:_PATTERNS_MOST]


def _offers(block: Block) -> bool:
    """Whether a block is code or text, rather than a heading or something to fill in."""
    if block.kind == "heading":
        return False
    return (
        bool(filled(block.value))
        if block.kind == "code"
        else bool(filled(block.text) and filled(block.value))
    )


def _title(headings: list[tuple[Heading, ...]]) -> Heading | None:
    """The title of the document: its first heading, if that is the only one of its level."""
    top = [path[-1] for path in headings if path[-1].level == 1]
    return top[0] if len(top) == 1 and headings and headings[0][-1] is top[0] else None
