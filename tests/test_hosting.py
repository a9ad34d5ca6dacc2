"""A specification says only what is true of the hosting that was chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage_conductor import catalog

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
    "memcached": ("stats settings", "ssl_chain_cert", "SASL", "-Y <auth-file>", "64 MiB"),
    "local-posix": ("TPM", "SMART", "write_cache", "lvcreate"),
    "nfs": ("/etc/exports", "/proc/fs/nfsd", "krb5", "Kerberos", "no_subtree_check", "ESTALE"),
}  # fmt: skip
# What holds for the other hostings of a backend, but not for this one.
OTHER_WORDS = {
    ("postgresql", "amazon-aurora"): ("pg_stat_bgwriter", "pg_last_wal_replay_lsn"),
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
HOSTINGS = [
    (heading, variant)
    for heading in catalog.headings()
    for variant in catalog.load(heading.key).hosting
]


@pytest.mark.parametrize(
    ("heading", "variant"), HOSTINGS, ids=[f"{h.key}-{v.key}" for h, v in HOSTINGS]
)
def test_a_track_says_what_its_hosting_can(
    heading: catalog.Heading, variant: catalog.Hosting, start: Callable[..., Path]
) -> None:
    track = start(
        storage_type=heading.storage_type, backend=heading.name, hosting=variant.name, **FULL
    )
    spec, plan = ((track / name).read_text(encoding="utf-8") for name in ("spec.md", "plan.md"))
    said = spec.partition("\n## Sources\n")[0] + plan
    own = catalog.load(heading.key).hosting[0].key == variant.key
    servers = SERVER_WORDS.get(heading.key, ())
    others = OTHER_WORDS.get((heading.key, variant.key), ())
    assert not {word for word in (*(() if own else servers), *others) if word in said}
    if own and servers:
        assert {word for word in servers if word in said}, "the list has no word of today"


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
    for said in ("### Geo-replication with failover", "After a failover", "Fail back to the"):
        assert (said in spec) is not locked
    assert ("az storage account failover" in spec) is not locked
    assert "### Geo-replication, read at the secondary endpoint and copied" in spec
