"""Steps of a building block on an object store: each is a request of the S3 interface.

The first line is the method and the key, those after it are headers, and what stands after a blank
line is the content.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import http.client
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from ...importing.extra import need
from ...schema.block_statements import ReadyStep
from .sessions import SECONDS, AgainError, Rows, filled_places

_DONE, _CONFLICT, _REFUSED = range(200, 300), 409, (403, 404, 412)
_KEY = re.compile(r"<Key>([^<]*)</Key>")


class ObjectSession:
    """Sends requests to a bucket.

    Args:
        url: `http://KEY:SECRET@HOST:PORT/BUCKET`; without a key they are not signed.
    """

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._bucket = self._parts.path.strip("/")
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(self._parts.hostname or "", self._parts.port, timeout=SECONDS)

    def take(self, step: ReadyStep, values: Mapping[str, Any]) -> Rows:
        """Send a request; one whose condition does not hold finds nothing."""
        return self._answered(step, self._request(step.run, values))

    def _request(self, text: str, values: Mapping[str, Any]) -> tuple[int, Mapping[str, str], str]:
        head, _, body = text.partition("\n\n")
        first, *lines = head.splitlines()
        method, _, key = first.partition(" ")
        known = {"bucket": self._bucket, **values}
        headers = {
            name.strip(): filled_places(value.strip(), known)
            for name, _, value in (line.partition(":") for line in lines)
        }
        path = filled_places(key, {name: quote(str(value)) for name, value in known.items()})
        return self.send(method, path, headers, filled_places(body, known))

    def _answered(self, step: ReadyStep, sent: tuple[int, Mapping[str, str], str]) -> Rows:
        status, headers, content = sent
        if status == _CONFLICT:
            raise AgainError("409")
        if status in _REFUSED and (step.step.none or step.step.may_be_there):
            return Rows()
        if "<ListBucketResult" in content:
            return Rows({"found": key} for key in _KEY.findall(content))
        if status not in _DONE:
            raise OSError(f"{status} {content[:200]}")
        found = {
            "etag": headers.get("etag", ""),
            "version": headers.get("x-amz-version-id", ""),
            step.step.gives: content,
        }
        return Rows([{name: value for name, value in found.items() if name and value}])

    def look(self, query: str, values: Mapping[str, Any]) -> Rows:
        """Return the content of an object, or the keys of a listing; nothing where none is."""
        status, headers, content = self._request(query, values)
        if status in _REFUSED:
            return Rows()
        if "<ListBucketResult" in content:
            return Rows({"value": found} for found in _KEY.findall(content))
        return Rows([{"value": content, "etag": headers.get("etag", "")}])

    def reset(self) -> None:
        """Close the connection, which the server may do as well; the next request opens one."""
        self._connection.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def send(
        self, method: str, key: str, headers: Mapping[str, str], content: str
    ) -> tuple[int, Mapping[str, str], str]:
        """Send a request to the bucket, or to a key of it; return status, headers and content."""
        data = content.encode()
        joined = key if key.startswith("?") else f"/{key}" if key else ""
        path = f"/{self._bucket}{joined}"
        summed = base64.b64encode(hashlib.md5(data).digest()).decode()  # noqa: S324 - S3 asks for it
        said = {**headers, **({"Content-MD5": summed} if data else {})}
        self._connection.request(method, path, data, self._signed(method, path, said, data))
        with self._connection.getresponse() as found:
            answer = found.read().decode("utf-8", errors="replace")
            return found.status, {k.lower(): v for k, v in found.getheaders()}, answer

    def _signed(
        self, method: str, path: str, headers: dict[str, str], data: bytes
    ) -> dict[str, str]:
        if not self._parts.username:
            return headers
        auth: Any = need("botocore.auth")
        request: Any = need("botocore.awsrequest")
        login: Any = need("botocore.credentials")
        place = f"{self._parts.scheme}://{self._parts.hostname}:{self._parts.port or 443}{path}"
        asked = request.AWSRequest(method=method, url=place, headers=headers, data=data)
        keys = login.Credentials(self._parts.username, self._parts.password)
        auth.S3SigV4Auth(keys, "s3", "us-east-1").add_auth(asked)
        return dict(asked.headers)


def in_seconds(seconds: float) -> str:
    """Return a time so many seconds from now, as the S3 interface writes it."""
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
