"""A specification says only what is true of the hosting that was chosen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.catalog import facts, loading
from storage_conductor.catalog.backend import Hosting
from storage_conductor.errors import ConductorError
from storage_conductor.schema.parse import parse_model
from tests.schema_support import design

SELF_MANAGED = "self-managed"
FULL: dict[str, Any] = {
    "detail": "full",
    "reads_per_second": 400,
    "writes_per_second": 60,
    "peak_factor": 3,
    "latency_p99_ms": 50,
    "average_item_bytes": 600,
    "largest_item_bytes": 20_000,
    "initial_data_gb": 40,
    "growth_gb_per_month": 3,
    "availability_percent": 99.95,
    "rpo_minutes": 5,
    "rto_minutes": 60,
    "consistency": "strong",
    "retention": "3 years",
    "sensitive_data": "pii",
}
# What only those who run the server themselves can read, set or run.
SERVER_WORDS = {
    "postgresql": (
        "pg_hba", "archive_command", "archive_timeout", "pg_stat_archiver", "pg_basebackup",
        "pg_ctl", "pg_verifybackup", "pg_amcheck", "pg_test_fsync", "initdb", "recovery.signal",
        "synchronous_standby_names", "full_page_writes", "Patroni", "repmgr", "WAL-G", "Barman",
    ),
    "mysql": (
        "my.cnf", "xtrabackup", "fio --fsync", "innodb_doublewrite", "Rpl_semi_sync",
        "InnoDB Cluster", "Orchestrator", "gh-ost", "keyring", "SHOW BINARY LOGS",
        "CHANGE REPLICATION SOURCE", "--source-data=2",
    ),
    "mariadb": (
        "galera", "wsrep", "MaxScale", "TasksMax", "mariadb-backup", "innodb_encrypt_tables",
        "CHANGE MASTER", "SHOW BINARY LOGS", "fio --fsync",
    ),
    "sql-server": (
        "DiskSpd", "REQUIRED_SYNCHRONIZED", "dm_hadr", "msdb.dbo.backupset", "BACKUP LOG",
        "ALTER AVAILABILITY GROUP", "PAGE_VERIFY",
    ),
    "mongodb": (
        "mongod.conf", "net.bindIp", "security.authorization", "keyfile", "rs.status",
        "rs.stepDown", "setDefaultRWConcern", "replSetResizeOplog", "Percona", "mongodump",
    ),
    "cassandra": (
        "nodetool", "cassandra.yaml", "NetworkTopologyStrategy", "SSTable", "medusa",
        "cassandra-stress", "PasswordAuthenticator", "commitlog_sync", "JMX", "Reaper",
    ),
    "redis": (
        "appendonly", "Sentinel", "CONFIG SET", "latest_fork_usec", "vm.overcommit_memory",
        "transparent_hugepage", "ACL SETUSER", "BGSAVE", "WAITAOF", "protected-mode", "kill -9",
    ),
    "valkey": (
        "appendonly", "Sentinel", "CONFIG SET", "latest_fork_usec", "vm.overcommit_memory",
        "transparent_hugepage", "ACL SETUSER", "BGSAVE", "WAITAOF", "protected-mode", "kill -9",
    ),
    "sqlite": (
        "-wal", "-shm", "fsync", "synchronous", "busy_timeout", "journal_mode", "BEGIN IMMEDIATE",
        "wal_checkpoint", "SQLITE_BUSY", "VACUUM INTO", "freelist_count", "Litestream", "0600",
        "SQLCipher", "one local disk", "Cut the power", "foreign_keys = ON", "No network",
    ),
    "memcached": ("stats settings", "ssl_chain_cert", "SASL", "-Y <auth-file>", "64 MiB"),
    "local-posix": ("TPM", "SMART", "write_cache", "lvcreate"),
    "nfs": ("/etc/exports", "/proc/fs/nfsd", "krb5", "Kerberos", "no_subtree_check", "ESTALE"),
}  # fmt: skip
# What holds for the other hostings of a backend, but not for this one.
OTHER_WORDS = {
    ("postgresql", "amazon-aurora"): ("pg_stat_bgwriter", "pg_last_wal_replay_lsn"),
    ("postgresql", "neon"): (
        "CloudWatch", "pg_last_wal_replay_lsn", "max_wal_size", "superuser_reserved", "16 MiB",
        "PgBouncer in transaction mode between",
    ),
    ("postgresql", "supabase"): (
        "CloudWatch", "pg_last_wal_replay_lsn", "Force a failover", "with a standby",
        "PgBouncer in transaction mode between", "scale to zero",
    ),
    ("sqlite", "cloudflare-d1"): (
        "pool size", "failover,", "a full disk", "Alembic", "R*Tree", "function call",
    ),
    ("sqlite", "turso"): ("pool size", "failover,", "a full disk", "Alembic", "function call"),
    ("redis", "upstash"): (
        "CROSSSLOT", "Hash tags", "SLOWLOG GET", "One command at a time", "maxmemory", "512",
        "allkeys-lru", "a node of Redis", "rejected_connections", "node's memory",
    ),
    ("redis", "amazon-memorydb"): ("Last failover wins",),
    ("valkey", "amazon-memorydb"): ("Last failover wins",),
    ("local-posix", "ec2-instance-store"): ("create-snapshots", "attach-volume", "modify-volume"),
    ("cassandra", "amazon-keyspaces"): ("tombstone",),
    ("sql-server", "azure-sql-database"): ("DBCC CHECKDB", "log_reuse_wait"),
    ("amazon-efs", "aws-one-zone"): ("2.7 ms",),
    ("local-posix", "amazon-ebs-gp3"): ("LUKS",),
    ("local-posix", "amazon-ebs-io2"): ("LUKS",),
    ("amazon-s3", "aws"): ("CreateSession", "--x-s3", "RenameObject"),
    ("amazon-s3", "aws-express-one-zone"): (
        "put-bucket-versioning", "list-object-versions", "Replication Time Control",
        "Multi-Region Access Point", "Standard-IA", "aws:SecureTransport", "Storage Lens",
    ),
    ("google-cloud-storage", "google-cloud"): ("ASYNC_TURBO", "missing_rpo"),
    ("azure-blob-storage", "azure"): ("geoReplicationStats", "Last Sync Time", "RAGZRS"),
    ("azure-blob-storage", "azure-zrs"): ("geoReplicationStats", "LRS loses", "Rehydrat"),
    ("azure-blob-storage", "azure-ra-gzrs"): ("LRS loses", "Standard_ZRS"),
    ("s3-compatible", "ceph-rgw"): ("mc admin", "wrangler"),
    ("s3-compatible", "minio"): ("ceph osd", "wrangler", "list-multipart-uploads"),
    ("s3-compatible", "seaweedfs"): ("ceph osd", "mc admin", "wrangler"),
    ("s3-compatible", "garage"): (
        "all versions", "ceph osd", "mc admin", "put-bucket-versioning", "wrangler",
    ),
    ("s3-compatible", "cloudflare-r2"): (
        "all versions", "put-bucket-versioning", "radosgw", "mc admin", "Raw capacity", "scrub",
        "node-to-node",
    ),
}  # fmt: skip
# What a service lets its users run as those of a server do.
SERVED_TOO = {("redis", "upstash"): {"ACL SETUSER", "CONFIG SET", "WAITAOF"}}
# What only one hosting of a backend has: said there, and nowhere else.
OWN_WORDS = {
    ("postgresql", "supabase"): ("supabase ", "shared pooler", "read-only transaction"),
    ("postgresql", "neon"): ("neon branches", "`-pooler`", "Scale to zero"),
    ("sqlite", "cloudflare-d1"): ("wrangler", "Time Travel", "batch()", "D1"),
    ("sqlite", "turso"): ("turso db", "libSQL"),
    ("redis", "upstash"): ("api.upstash.com", "sync token"),
}
# Written once for several hostings; a list of them that lost one said nothing there.
KEPT = [
    ("redis", "amazon-elasticache", "durability", "lagging-replicas"),
    ("redis", "amazon-elasticache", "consistency", "last-failover-wins"),
    ("mysql", "amazon-rds", "security", "accounts-managed"),
]
CIRCLE = {
    "Boat": {"id": "bigint pk", "owner": "ref Member"},
    "Member": {"id": "bigint pk", "boat": "ref Boat not null"},
}
HOSTINGS = [
    (heading, variant)
    for heading in loading.headings()
    for variant in loading.load(heading.key).hosting
]


@pytest.mark.parametrize(
    ("heading", "variant"), HOSTINGS, ids=[f"{h.key}-{v.key}" for h, v in HOSTINGS]
)
def test_a_track_says_what_its_hosting_can(
    heading: loading.BackendHeading, variant: Hosting, start: Callable[..., Path]
) -> None:
    track = start(
        storage_type=heading.storage_type, backend=heading.name, hosting=variant.name, **FULL
    )
    spec, plan = ((track / name).read_text(encoding="utf-8") for name in ("spec.md", "plan.md"))
    said = spec + plan
    known = said + json.dumps(facts.known(heading.key, hosting=variant.key).to_data())
    own = loading.load(heading.key).hosting[0].key == variant.key
    servers = SERVER_WORDS.get(heading.key, ())
    others = OTHER_WORDS.get((heading.key, variant.key), ())
    others += tuple(
        word
        for (backend, hosting), words in OWN_WORDS.items()
        for word in words
        if backend == heading.key and hosting != variant.key
    )
    refused = {*(() if own else servers), *others}
    refused -= SERVED_TOO.get((heading.key, variant.key), set())
    assert not {word for word in refused if word in said}
    assert not {word for word in OWN_WORDS.get((heading.key, variant.key), ()) if word not in known}
    if own and servers:
        assert {word for word in servers if word in known}, "the list has no word of today"


@pytest.mark.parametrize(("backend", "hosting", "part", "key"), KEPT)
def test_a_hosting_keeps_what_holds_for_it_too(
    backend: str, hosting: str, part: str, key: str
) -> None:
    held = loading.load(backend).at(hosting)
    assert key in {item.key for item in getattr(held, part)}


@pytest.mark.parametrize(
    ("hosting", "said", "unsaid"),
    [
        (
            "self-managed",
            ("keeps references only after", "foreign_keys = OFF", "busy_timeout", "SQLite 3.37"),
            ("orphan", "defer_foreign_keys"),
        ),
        (
            "Cloudflare D1",
            ("defer_foreign_keys = ON", ") STRICT;"),
            ("foreign_keys = OFF", "only after", "orphan", "busy_timeout", "3.37"),
        ),
        (
            "Turso Cloud",
            ("insert an orphan", ") STRICT;"),
            ("on every connection", "busy_timeout", "3.37"),
        ),
    ],
)
def test_a_draft_for_sqlite_says_what_its_hosting_does(
    hosting: str, said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    model = parse_model(CIRCLE, [{"name": "by owner", "entity": "Boat", "filter": ["owner"]}])
    assert model is not None
    drafted = design(model, "sqlite", hosting=hosting)
    text = "\n".join(artifact.text for artifact in drafted.artifacts)
    assert [word for word in said if word not in text] == []
    assert [word for word in unsaid if word in text] == []


@pytest.mark.parametrize(
    ("backend", "hosting", "said", "unsaid"),
    [
        (
            "PostgreSQL",
            "Supabase",
            ("Restart PostgreSQL under load", "Copy PostgreSQL under another name"),
            ("Force a failover", " failover,", "after its reversal"),
        ),
        (
            "PostgreSQL",
            "Neon",
            ("Force a failover of PostgreSQL", " failover,"),
            ("that copy in place",),
        ),
        ("SQLite", "Cloudflare D1", ("Cut the connection",), ("pool size", " failover,")),
        ("SQLite", "Turso Cloud", ("Cut the connection", "beside the running"), ("pool size",)),
    ],
)
def test_a_plan_asks_for_nothing_that_its_hosting_lacks(
    backend: str,
    hosting: str,
    said: tuple[str, ...],
    unsaid: tuple[str, ...],
    start: Callable[..., Path],
) -> None:
    answers = {**FULL, "backend": backend, "hosting": hosting, "language": "TypeScript"}
    plan = (start(**answers) / "plan.md").read_text(encoding="utf-8")
    assert [word for word in said if word not in plan] == []
    assert [word for word in unsaid if word in plan] == []


@pytest.mark.parametrize("hosting", ["self-managed", "Neon", "Azure Database"])
def test_vectors_bring_their_work(hosting: str, start: Callable[..., Path]) -> None:
    entities = {"Passage": {"id": "bigint pk", "tenant": "uuid", "meaning": "vector(768)"}}
    near = {"name": "near", "entity": "Passage", "kind": "nearest", "page_size": 8}
    answers = {**FULL, "backend": "PostgreSQL", "hosting": hosting, "entities": entities}
    track = start(**answers, access_patterns=[{**near, "filter": ["tenant"]}])
    spec, plan = ((track / name).read_text(encoding="utf-8") for name in ("spec.md", "plan.md"))
    assert "USING hnsw (meaning vector_cosine_ops)" in spec
    assert "4.1 GB for each million rows" in spec
    assert "| D-approximate-nearest |" in spec
    assert "Create `ix_passage_tenant`, which the plan names for a rare value" in plan
    assert "Measure the recall" in plan
    assert ("newest that the service offers" in plan) is (hosting != "self-managed")
    assert ("azure.extensions" in plan) is (hosting == "Azure Database")


@pytest.mark.parametrize("locked", [False, True])
def test_a_way_back_that_a_feature_rules_out_is_not_printed(
    locked: bool, start: Callable[..., Path]
) -> None:
    track = start(
        storage_type="object_storage", backend="Azure Blob Storage", hosting="Azure RA-GZRS",
        rpo_minutes=15, availability_percent=99.99,
        retention="7 years, immutable" if locked else "7 years",
    )  # fmt: skip
    spec = (track / "spec.md").read_text(encoding="utf-8")
    assert ("### Geo-replication with failover" in spec) is not locked
    assert ("az storage account failover" in spec) is not locked


@pytest.mark.parametrize(
    ("hosting", "limit"), [("Cloudflare R2", 8192), ("MinIO", 2048), ("", 2048)]
)
def test_a_layout_knows_the_limits_of_its_hosting(hosting: str, limit: int) -> None:
    model = parse_model({"Scan": {"id": "uuid pk", "comment": "text", "body": "bytes"}}, None)
    assert model is not None
    drafted = design(model, "s3-compatible", hosting=hosting)
    found = [finding for finding in drafted.findings if finding.key == "metadata-size"]
    assert [finding.numbers for finding in found] == [(("limit", limit),)]


def test_a_table_that_its_hosting_cannot_hold_is_refused() -> None:
    fields = {f"f{n}": "int" for n in range(100)}
    model = parse_model({"Wide": {"id": "int pk", **fields}}, None)
    assert model is not None
    assert design(model, "sqlite").artifacts
    with pytest.raises(ConductorError, match="Wide has 101 columns; at most 100 fit"):
        design(model, "sqlite", hosting="Cloudflare D1")


def test_a_track_hands_its_hosting_to_the_layout(start: Callable[..., Path]) -> None:
    entities = {"Scan": {"id": "uuid pk", "comment": "text", "body": "bytes"}}
    answers = {**FULL, "storage_type": "object_storage", "backend": "S3-compatible"}
    track = start(**answers, hosting="Cloudflare R2", entities=entities)
    (note,) = [
        line
        for line in (track / "spec.md").read_text(encoding="utf-8").splitlines()
        if "what describes an object" in line
    ]
    assert "8,192" in note
    assert "2,048" not in note
