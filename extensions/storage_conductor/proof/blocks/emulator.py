"""An emulator of DynamoDB: moto behind an address, which answers one request after the other.

So each request is a whole, as the service promises of writes and transactions; moto's own server
answers several at once, and lets one come between the condition of another and its write. Of items
whose time has passed it deletes some at once and keeps the others, as the service deletes them days
later at times, and knows neither. Who signs with the name of a role is judged by its policy.

Usage: python -m storage_conductor.proof.blocks.emulator PORT
"""

from __future__ import annotations

import json
import re
import sys
import time
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from typing import Any
from urllib.parse import unquote

from ...importing.extra import need
from .policies import Policies
from .requests import ADMINISTRATOR

_SWEEP = 0.05  # seconds between two looks for what has expired
_SIGNED_BY = re.compile(r"Credential=([^/]*)/")


class _Expiry:
    """Deletes half of the items whose time has passed, those whose keys say so.

    Args:
        client: To moto.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._attributes: dict[str, str] = {}
        self._ran = 0.0

    def see(self, operation: str, asked: dict[str, Any]) -> None:
        """Learn what is asked of a table."""
        if operation == "UpdateTimeToLive":
            said = asked["TimeToLiveSpecification"]
            self._attributes[asked["TableName"]] = said["AttributeName"]
        elif operation == "DeleteTable":
            self._attributes.pop(asked["TableName"], None)

    def run(self) -> None:
        """Delete what is to be deleted now."""
        if time.monotonic() < self._ran + _SWEEP:
            return
        self._ran = time.monotonic()
        for table, attribute in self._attributes.items():
            schema = self._client.describe_table(TableName=table)["Table"]["KeySchema"]
            passed = self._client.scan(
                TableName=table,
                FilterExpression="#t <= :now",
                ExpressionAttributeNames={"#t": attribute},
                ExpressionAttributeValues={":now": {"N": str(time.time())}},
            )
            for item in passed["Items"]:
                key = {part["AttributeName"]: item[part["AttributeName"]] for part in schema}
                if zlib.crc32(repr(key).encode()) % 2:
                    self._client.delete_item(TableName=table, Key=key)


class _Handler(BaseHTTPRequestHandler):
    """Answers requests by a client whose calls moto takes."""

    client: Any
    expiry: _Expiry
    policies: Policies
    server_version = f"moto {version('moto')}"
    sys_version = ""

    def do_POST(self) -> None:
        """Answer a request of the API."""
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = _SIGNED_BY.search(self.headers["Authorization"])
        by = unquote(signed[1]) if signed else ADMINISTRATOR
        status, answer = self._asked(operation, json.loads(body), by)
        data = json.dumps(answer, default=str).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _asked(self, operation: str, asked: dict[str, Any], by: str) -> tuple[int, dict[str, Any]]:
        errors: Any = need("botocore.exceptions")
        if by != ADMINISTRATOR and not self.policies.allow(by, operation, asked):
            return 400, {"__type": "AccessDeniedException", "message": f"{by}: {operation}"}
        if self.policies.keep(operation, asked):
            return 200, {}
        self.expiry.run()
        self.expiry.see(operation, asked)
        try:
            answer: dict[str, Any] = self.client._make_api_call(operation, asked)
        except errors.ClientError as error:
            said = error.response
            code = {"__type": said["Error"]["Code"], "message": said["Error"].get("Message", "")}
            reasons = {k: v for k, v in said.items() if k in ("CancellationReasons", "Item")}
            return 400, code | reasons
        answer.pop("ResponseMetadata", None)
        return 200, answer

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def main(port: int) -> None:
    """Answer requests until the process is ended."""
    boto3: Any = need("boto3")
    moto: Any = need("moto")
    with moto.mock_aws():
        _Handler.client = boto3.client(
            "dynamodb",
            region_name="us-east-1",
            aws_access_key_id="proof",
            aws_secret_access_key="proof",  # noqa: S106  (no secret)
        )
        _Handler.expiry = _Expiry(_Handler.client)
        _Handler.policies = Policies(_Handler.client)
        HTTPServer(("127.0.0.1", port), _Handler).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
