"""Guards in object stores and file systems, whose one atomic step is a name."""

from __future__ import annotations

from ..catalog.backend import Backend
from .guards import Guard, Shape
from .model import Pattern
from .result import Design

# What makes a request fail unless the name is free, or unless the content is what was read.
_FREE = {
    "google-cloud-storage": "ifGenerationMatch=0",
}
_SAME = {
    "google-cloud-storage": ("generation", "ifGenerationMatch=<generation>"),
}


def file_guard(shape: Shape, pattern: Pattern, design: Design, backend: Backend) -> Guard:
    """Return what keeps an operation on one object or file; without text where nothing does.

    Args:
        shape: `insert`, `single` or `several`.
        pattern: The operation.
        design: The design of the model.
        backend: The store as it is run.
    """
    if shape == "several":
        return Guard(shape)
    row = next(key for key in design.keys if key.entity == pattern.entity)
    if backend.family == "object":
        return _object(shape, pattern, row.name, backend.key)
    return _file(shape, pattern, row.name)


def _object(shape: Shape, pattern: Pattern, name: str, store: str) -> Guard:
    if shape == "insert":
        free = _FREE.get(store, "If-None-Match: *")
        return Guard(shape, "text", f"PUT {name}   {free}   # 412: another was first")
    mark, same = _SAME.get(store, ("ETag", "If-Match: <ETag>"))
    if pattern.kind == "delete" and store == "s3-compatible":
        return Guard(shape)  # its dialects of S3 differ in whether a delete can be conditional
    verb = "DELETE" if pattern.kind == "delete" else "PUT"
    lines = [f"GET {name}   # its {mark}; refuse unless <condition>"]
    lines.append(f"{verb} {name}   {same}   # 412 or 409: again from GET")
    return Guard(shape, "text", "\n".join(lines), 2)


def _file(shape: Shape, pattern: Pattern, path: str) -> Guard:
    write = "open(.tmp/<random>, O_CREAT|O_EXCL), write, fsync   # in the same file system"
    folder = "fsync(directory)   # only now is it acknowledged"
    if shape == "insert":
        publish = f"link(.tmp/<random>, {path})   # EEXIST: another was first"
        lines = [write, publish, "unlink(.tmp/<random>)", folder]
        return Guard(shape, "text", "\n".join(lines), len(lines))
    lock = f"flock({path}.lock, LOCK_EX)   # one writer at a time from here"
    look = f"read {path}; refuse unless <condition>"
    change = f"rename(.tmp/<random>, {path})"
    steps = [f"unlink({path})"] if pattern.kind == "delete" else [write, change]
    lines = [lock, look, *steps, folder, "close the lock"]
    return Guard(shape, "text", "\n".join(lines), len(lines))
