"""What a section is about, by the words of its heading."""

from __future__ import annotations

import re

from .lexicon import Lexicon

_TOPICS = {
    topic: Lexicon(table)
    for topic, table in {
        "schema": """
        schema;schemas;model;models;entity;entities;table;tables;schéma*;esquema*;模式;スキーマ
        """,
        "migration": "migrati*;migraci*;migraç*;迁移;マイグレーション",
        "repository": "repositor*;data access;dao;crud;仓储;リポジトリ",
        "transactions": """
        transac*;transak*;unit of work;isolation;deadlock*;事务;トランザクション
        """,
        "queries": "query;queries;abfrage*;requête*;consulta*;查询;クエリ",
        "indexing": "index;indexes;indexing;indices;索引;インデックス",
        "connection": """
        connection*;pool;pools;pooling;verbindung*;connexion*;conexi*;conexão;连接;接続
        """,
        "validation": """
        validat*;validier*;validaci*;validaç*;constraint*;integrity;验证;検証
        """,
        "backup": """
        backup*;back up;back ups;restor*;recovery;sicherung*;sauvegarde*;备份;バックアップ
        """,
        "errors": """
        error;errors;exception;exceptions;fehler*;erreur*;errores;erros;错误;エラー
        """,
        "tests": "test;tests;testing;fixture;fixtures;pruebas;testes;测试;テスト",
        "readme": "readme",
        "consistency": "consisten*;acid;一致性;整合性",
        "performance": "performan*;optimi*;slow;性能;パフォーマンス",
        "caching": "cache;caches;caching;缓存;キャッシュ",
        "versioning": "version;versions;versioning",
        "security": """
        secur*;credential*;encrypt*;access control;secrets;injection;sicherheit*;sécurité
        seguridad;segurança;安全;セキュリティ
        """,
        "observability": """
        log;logs;logging;monitor*;metrics;alert*;tracing;日志;监控;監視
        """,
        "naming": "naming;nommage;命名",
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
        found = tuple(topic for topic, words in _TOPICS.items() if words.found_in(bare))
        if found:
            return found
    return ()
