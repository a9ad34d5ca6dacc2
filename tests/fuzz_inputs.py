"""Hostile values for the fuzz test: what people, programs and attackers put where text belongs."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from storage_conductor.questions import answers, rules

PIECES = [
    *("", " ", "\n", "\t", "\r\n", "\0", "\x1b[31m", "\u202e", "\ufeff", "\udcff", "é", "数", "🗄️"),
    *("a", "1", "-", "_", "`", "*", "**", "~~", "[", "]", "(", ")", "{", "}", "<", ">", "|", "\\"),
    *("#", "# ", "## Phase 1: ", "- ", "- [ ] ", "- [x] ", "1. ", "> ", "```", "---", "&a ", "*a"),
    *(": ", "? ", "!!int x", "!!bool y", "!!python/name:os.system ", "<<: *a", "%s", "{{ 7 }}"),
    *("{% raw %}", "{#", "<script>", "<!--", "-->", "](x.md)", "[a](b)", "12:30", "2026-13-45"),
    *("2026-01-31", "0x1F", "1e308", "nan", "yes", "null", "~", "7 years", "RTO: 5 min", "99.9 %"),
    *("PostgreSQL", "Redis 7", "Other", "hybrid", "pii", "../..", "CON", "storage-001", "uuid pk"),
    *("<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "| a | b |\n|---|---|\n", "**Status**: ", "keep "),
    *(
        "Storage ID | Title | Status",
        "(1a2b3c4)",
        "$(id)",
        "'",
        '"',
        ",",
        ";",
        "@",
        "=",
        "/*",
        "*/",
    ),
]
REPEATED = ["9", "9,", "9.", " ", "1 GB ", "1 a ", "9/a ", "99.9 %", "7 years ", "Redis or ", "a, "]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.tuples(st.sampled_from(PIECES), st.sampled_from([2, 40, 600, 6000])).map(
        lambda x: x[0] * x[1]
    ),
    st.text(max_size=40),
)
scalars = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**18), 0, 1, 99, 1_000_000]),
    st.floats(),
    st.dates(),
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
snapshots = st.dictionaries(
    st.sampled_from(["assumed", "tracks", "documents", "unfilled", "tech_stack", "patterns"]),
    values,
)
types = st.sampled_from(
    ["uuid pk", "text", "int", "date", "decimal(12,2)", "enum(a,b)", "uuid -> B"]
)
models = st.dictionaries(
    st.sampled_from(["A", "B", "Order", "select"]) | texts,
    st.dictionaries(st.sampled_from(["id", "at", "user"]) | texts, types | texts, max_size=4)
    | values,
    max_size=3,
)
SOUND = {
    "storage_type": st.sampled_from(rules.STORAGE_TYPES),
    "backend": st.sampled_from(["PostgreSQL", "Redis", "Amazon S3", "NFS", "Other", "MongoDB "]),
    "backends": st.sampled_from(["PostgreSQL, Redis", ["Amazon S3", "Other"], "Redis"]),
    "sensitive_data": st.sampled_from(["pii, phi", ["none"], "pci"]),
    "entities": models,
    "consistency": st.sampled_from(rules.CONSISTENCY),
    "retention": st.sampled_from(
        ["7 years", "30 days, then 1 year", "for ever", "\x1b[2J 7 years", "\ue000", "9" * 20_000]
    ),
}
numbers = st.floats(0, 1e15) | st.integers(0, 10**15) | st.integers(1, 10**4).map(str)


def answer(name: str) -> st.SearchStrategy[Any]:
    """Draw an answer that is often sound, so that what comes after the rules is reached."""
    if name in SOUND:
        return SOUND[name] | SOUND[name] | values
    return numbers | values if "per" in name or name.endswith(("_ms", "_gb", "s")) else values


NAMES = {*answers.RULES, *answers.RECORDED} - {"title", "description"}
given_answers = st.fixed_dictionaries(
    {"title": texts, "description": texts},
    optional={name: answer(name) for name in NAMES} | {"titel": values},
).map(dict)
sound_answers = st.fixed_dictionaries(
    {"title": texts.filter(str.strip), "description": texts.filter(str.strip)},
    optional={
        **{name: SOUND[name] for name in ("sensitive_data", "consistency", "retention")},
        **dict.fromkeys(("use_cases", "depends_on", "scalability", "affected_users"), texts),
        **dict.fromkeys(("reads_per_second", "initial_data_gb", "rto_minutes"), numbers),
        "other_backend": texts,
        "backend": st.sampled_from(["PostgreSQL", "Redis", "Amazon S3", "NFS", "Other"]),
        "language": texts,
    },
)
