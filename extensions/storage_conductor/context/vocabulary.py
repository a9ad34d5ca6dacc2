"""Names by which documents call products, and what each product is for.

A product that is not listed here is still read where a label names it (`Database: TigerBeetle`);
the list is what prose and bare list entries are recognised by.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

ProductKind = Literal[
    "language",
    "database",
    "object_storage",
    "cache",
    "orm",
    "migration_tool",
    "validation",
    "test",
    "backup",
    "hosting",
    "ci",
]

# `Name=other name=other name`; `?` before a name: an everyday word too, so never taken from prose.
_PRODUCTS: dict[ProductKind, str] = {
    "language": """
        Python; TypeScript; JavaScript; Java; Kotlin; Scala; PHP; Elixir; Erlang; Haskell; Clojure
        C#; C++; ?Go=?golang; ?Rust; ?Ruby; ?Swift; ?Dart; ?C; ?R; ?Perl; F#; OCaml; ?Zig
        """,
    "database": """
        PostgreSQL=postgres=postgre sql; MySQL; MariaDB=maria db; SQLite=sqlite3; MongoDB=mongo db
        SQL Server=Microsoft SQL Server=MS SQL Server=MS SQL=MSSQL=Azure SQL=Azure SQL Database
        DynamoDB=Amazon DynamoDB=AWS DynamoDB; Cassandra=Apache Cassandra; ScyllaDB; CockroachDB
        YugabyteDB; TiDB; Oracle Database=Oracle DB; Amazon Aurora=AWS Aurora
        Cloud Spanner=Google Cloud Spanner; Firestore=Cloud Firestore; CouchDB; Couchbase; Neo4j
        ClickHouse; DuckDB; TimescaleDB; InfluxDB; Elasticsearch; OpenSearch; Snowflake; BigQuery
        Cosmos DB=Azure Cosmos DB=CosmosDB; Redis; Valkey; ?Oracle; ?Firebird; IBM Db2=Db2
        """,
    "object_storage": """
        Amazon S3=AWS S3=S3; Google Cloud Storage=GCS; Azure Blob Storage=Azure Blob; MinIO
        Cloudflare R2; Ceph; Backblaze B2; S3-compatible storage=S3-compatible object storage
        Wasabi; SeaweedFS; DigitalOcean Spaces; Garage S3
        """,
    "cache": """
        Redis; Valkey; Memcached=memcache; Amazon ElastiCache=AWS ElastiCache=ElastiCache
        Hazelcast; KeyDB; Dragonfly; Caffeine; Ehcache; Varnish
        """,
    "orm": """
        SQLAlchemy=sql alchemy; Prisma=Prisma ORM=Prisma Client; TypeORM; Sequelize
        MikroORM=mikro-orm; Hibernate; Entity Framework Core=EF Core=Entity Framework; Dapper
        GORM; SQLModel; Mongoose; ActiveRecord=Active Record; Django ORM; Eloquent
        Doctrine=Doctrine ORM; ?Drizzle; Drizzle ORM; ?Diesel; SeaORM; sqlx; sqlc; jOOQ; MyBatis
        Knex=Knex.js; Kysely; Peewee; Tortoise ORM; ?Ecto; ?Ent; Objection.js; Spring Data JPA
        Exposed ORM; Psycopg
        """,
    "migration_tool": """
        Alembic; Flyway; Liquibase; Prisma Migrate; golang-migrate; Goose=pressly/goose; dbmate
        node-pg-migrate; Knex migrations; TypeORM migrations; Django migrations; Atlas=Ariga Atlas
        ActiveRecord Migrations=Active Record Migrations=Rails migrations; sqlx-cli; Sqitch
        refinery; EF Core Migrations=Entity Framework Migrations; Drizzle Kit=drizzle-kit; umzug
        Phinx; yoyo; mongock; migrate-mongo; Doctrine Migrations; DbUp; Laravel migrations
        Ecto migrations
        """,
    "validation": """
        Zod; Pydantic; ?Joi; ?Yup; JSON Schema; AJV; Marshmallow; class-validator; Valibot; io-ts
        Cerberus; FluentValidation; Hibernate Validator; Bean Validation; go-playground/validator
        TypeBox; attrs; msgspec; Superstruct
        """,
    "test": """
        pytest; ?Jest; Vitest; ?Mocha; JUnit=JUnit 5; Testcontainers; RSpec; PHPUnit
        xUnit=xUnit.net; NUnit; unittest; Hypothesis; Cypress; Playwright; go test; Testify
        TestNG; Minitest; pgTAP; Kotest; ExUnit; cargo test; ?AVA; Jasmine; Pest; Mockito
        Localstack
        """,
    "backup": """
        pg_dump; pg_basebackup; pgBackRest; Barman; WAL-G; WAL-E; mysqldump; mariabackup
        mongodump; Percona XtraBackup=XtraBackup; Litestream; AWS Backup; restic; BorgBackup
        Velero; mydumper; mariadb-dump; Azure Backup; rclone; mysqlpump; Medusa
        """,
    "hosting": """
        AWS=Amazon Web Services; Amazon RDS=AWS RDS=RDS; Google Cloud=GCP=Google Cloud Platform
        Azure=Microsoft Azure; Cloud SQL=Google Cloud SQL; Azure Database; Heroku; Fly.io
        Supabase; ?Neon; ?Render; ?Railway; Kubernetes; DigitalOcean; Hetzner; PlanetScale
        MongoDB Atlas; Self-hosted=self hosted; On-premises=on-prem=on premises=on premise
        ?Vercel; Aiven; OVHcloud; Amazon EKS=AWS EKS; Amazon ECS=AWS ECS
        Google Kubernetes Engine=GKE; Azure AKS; OpenShift; Scaleway; Linode; Bare metal
        Amazon Aurora=AWS Aurora
        """,
    "ci": """
        GitHub Actions; GitLab CI=GitLab CI/CD; Jenkins; CircleCI; Azure Pipelines=Azure DevOps
        Travis CI; Buildkite; Drone CI; TeamCity; Bitbucket Pipelines; Woodpecker CI; Tekton
        AWS CodePipeline; Google Cloud Build; Forgejo Actions; Concourse; Argo Workflows
        """,
}


class Product(NamedTuple):
    """A known product.

    Attributes:
        name: Its usual spelling.
        kinds: What it is for, the usual purpose first.
        everyday: Whether its name is also a common word.
    """

    name: str
    kinds: tuple[ProductKind, ...]
    everyday: bool


class Hit(NamedTuple):
    """A product that a text names.

    Attributes:
        product: Which one.
        version: As far as the text gives it, such as `16` or `14+`; else empty.
        start: Where the name begins.
        end: Where the name, or its version, ends.
    """

    product: Product
    version: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """Name and version."""
        return f"{self.product.name} {self.version}".rstrip()


def _known() -> dict[str, Product]:
    """The products by each of their names, in lower case."""
    kinds: dict[str, list[ProductKind]] = {}
    spellings: dict[str, tuple[str, bool]] = {}
    for kind, lines in _PRODUCTS.items():
        for entry in re.split(r"[;\n]", lines):
            names = [each.strip() for each in entry.split("=")]
            if not names[0]:
                continue
            main = names[0].lstrip("?")
            kinds.setdefault(main, []).append(kind)
            for each in names:
                spellings[each.lstrip("?").casefold()] = (main, each.startswith("?"))
    # The usual purpose of an in-memory store is a cache, although it can be the database.
    for main in ("Redis", "Valkey"):
        kinds[main].reverse()
    return {
        spelling: Product(main, tuple(kinds[main]), everyday)
        for spelling, (main, everyday) in spellings.items()
    }


PRODUCTS = _known()
_LONGEST = 4  # words of a name, as `_WORD` counts them

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_+#]*(?:\.[A-Za-z0-9]+)*")
_VERSION = re.compile(
    r"\s*(?P<open>\(\s*)?(?:v(?:er(?:sion|s)?)?\.?\s*|(?P<least>>=?\s*|≥\s*)|[\^~]>?\s*|=+\s*)?"
    r"(?P<number>\d+(?:\.[\dx]+)*)"
    r"(?P<more>\+|\s+(?:or|and) (?:later|newer|higher|above|up)\b)?(?(open)\s*\))"
    r"(?![\w%.,-]*\w)(?!\s*(?:nodes?|replicas?|instances?|servers?|shards?|databases?|tables?|times"
    r"|clusters?|connections?|schemas?|[kmgt]i?b|ms|s|x|days?|hours?|minutes?|years?|users?|queries"
    r"|weeks?|months?)\b)",
    re.IGNORECASE | re.ASCII,
)


def find_products(text: str) -> list[Hit]:
    """The known products in a text, in its order, each with its version if one follows.

    A name that is part of another word, as in `PostgreSQL-compatible`, `my-redis` or an address,
    is not a hit.
    """
    words = list(_WORD.finditer(text))
    hits: list[Hit] = []
    index = 0
    while index < len(words):
        for count in range(min(_LONGEST, len(words) - index), 0, -1):
            start, end = words[index].start(), words[index + count - 1].end()
            product = PRODUCTS.get(" ".join(text[start:end].casefold().split()))
            if product and _stands_alone(text, start, end):
                hits.append(_hit(text, product, start, end))
                index += count - 1
                break
        index += 1
    return hits


def _stands_alone(text: str, start: int, end: int) -> bool:
    before = text[max(text.rfind(" ", 0, start), start - 100) + 1 : start]
    glued = before.endswith(("-", "_", "#", "$")) or any(
        sign in before for sign in ("@", ".", "\\")
    )
    follows = re.match(r"[-_]\w|/\w*\.\w| compatible\b", text[end : end + 40])
    return not (glued or follows)


def _hit(text: str, product: Product, start: int, end: int) -> Hit:
    version = _VERSION.match(text, end)
    if not version:
        return Hit(product, "", start, end)
    more = "+" if version["least"] or version["more"] else ""
    return Hit(product, version["number"] + more, start, version.end())
