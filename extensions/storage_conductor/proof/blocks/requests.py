"""Steps of a building block on DynamoDB: each is a request of its API, or a part of a transaction.

A request is YAML, as `schema/block_requests.py` tells. What is between the first and the last line
of a transaction is sent with the last one, as one request; outside one each part is sent alone.
"""

from __future__ import annotations

import ast
import datetime as dt
import http.client
import json
import operator
import re
import time
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

import yaml

from ...schema.block_statements import ReadyStep
from .sessions import SECONDS, AgainError, EndedError, Rows

Request = Mapping[str, Any]
_VALUE, _ATTRIBUTE = re.compile(r":([a-z]\w*)"), re.compile(r"#(\w+)")
_ALONE = re.compile(r"(-?):([a-z]\w*)")
_AGAIN = {
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "ThrottlingError",
}
_FALSE, _CANCELLED = "ConditionalCheckFailedException", "TransactionCanceledException"
_DENIED = "AccessDeniedException"
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "after": str.removeprefix,
    "padded": "{:010}".format,
}
ADMINISTRATOR = "proof"
"""The name that is signed with by who may do everything."""
# Emulators ask for a signature, and look at no more than that there is one, and whose.
_HEADERS = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Date": "20260101T000000Z"}
_SIGNED = (
    "AWS4-HMAC-SHA256 Credential={by}/20260101/us-east-1/dynamodb/aws4_request,"
    " SignedHeaders=host;x-amz-date;x-amz-target, Signature=proof"
)


class RefusedError(OSError):
    """The store refuses a request.

    Args:
        code: The name of its error.
        said: All that it says.
    """

    def __init__(self, code: str, said: Request) -> None:
        super().__init__(f"{code} {said.get('message') or said.get('Message') or ''}"[:200])
        self.code = code
        self.said = said


class RequestSession:
    """Sends requests to an emulator of DynamoDB; it has no key of an account.

    Args:
        url: `http://HOST:PORT`.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
        self._parts: list[tuple[ReadyStep, Request]] | None = None
        self._by = ADMINISTRATOR
        self.server = ""

    def take(self, step: ReadyStep, values: Mapping[str, Any]) -> Rows:
        """Send a request, or keep a part of a transaction until its end."""
        known = {**values, **_now(), "random": _token()}
        made = {name: _made(said, known) for name, said in step.step.makes.items()}
        known |= made
        self._by = _value(step.by, known) or ADMINISTRATOR
        request = yaml.safe_load(step.run)
        if isinstance(request, list):
            found = self._part(step, [_filled(part, known) for part in request])
        elif "TransactWriteItems" in request:
            self._parts, found = [], Rows([{}])
        elif "ClientRequestToken" in request:
            found = self._commit()
        else:
            found = self._alone(step, request, known)
        return Rows({**row, **made} for row in found)

    def _alone(self, step: ReadyStep, request: Request, known: Mapping[str, Any]) -> Rows:
        try:
            found = self._rows(request, known)
        except RefusedError as error:
            expected = step.step.none or step.step.may_be_there
            if error.code not in (_FALSE, _DENIED) or not expected:
                raise
            found = Rows()
        if not found and step.step.none == "again":
            raise AgainError("another was first")
        named = _named(found, step.step.gives) if step.step.gives else found
        if not step.step.each:
            return named
        return Rows({row[step.step.each]: row for row in named}.values())

    def _part(self, step: ReadyStep, parts: list[Request]) -> Rows:
        asked = [(step, part) for part in parts]
        if self._parts is None:
            self._together(asked)
        else:
            self._parts += asked
        return Rows([{}])

    def _commit(self) -> Rows:
        parts, self._parts = self._parts or [], None
        if parts:
            self._together(parts)
        return Rows([{}])

    def _together(self, parts: list[tuple[ReadyStep, Request]]) -> None:
        """Write all or nothing; the first part that is refused ends the action by its word."""
        asked = [part for _, part in parts]
        try:
            self.send(
                "TransactWriteItems", {"TransactItems": asked, "ClientRequestToken": _token()}
            )
        except RefusedError as error:
            if error.code == _DENIED and (
                words := [it.step.none for it, _ in parts if it.step.none]
            ):
                raise EndedError(words[0]) from error
            if error.code != _CANCELLED:
                raise
            codes = [str(it.get("Code")) for it in error.said.get("CancellationReasons", ())]
            for (step, _), code in zip(parts, codes, strict=True):
                if code == "ConditionalCheckFailed" and step.step.none:
                    if step.step.none == "again":
                        raise AgainError("another was first") from error
                    raise EndedError(step.step.none) from error
            if _AGAIN & set(codes):
                raise AgainError(", ".join(sorted(_AGAIN & set(codes)))) from error
            raise

    def look(self, query: str, values: Mapping[str, Any]) -> Rows:
        """Send a request; return what it finds.

        Under `as` stand names for what it finds. The attribute under `sum` is added up and counted.
        Of one under `left`, which has seconds since 1970, milliseconds until then are returned: -1
        where it is not set, nothing after it. With `deleted` each item is deleted by its key, which
        is what was asked for. `by` names who asks, and finds nothing where that is denied.
        """
        request, now = yaml.safe_load(query), _now()
        summed, left, names, by = (request.pop(name, "") for name in ("sum", "left", "as", "by"))
        deleted = request.pop("deleted", False)
        self._by = _value(by, values) or ADMINISTRATOR
        try:
            found = self._rows(request, {**values, **now})
        except RefusedError as error:
            if not by or error.code != _DENIED:
                raise
            return Rows()
        if deleted:
            ((_, asked),) = request.items()
            for key in found:
                self._rows({"DeleteItem": {"TableName": asked["TableName"], "Key": key}}, key)
        if summed:
            return Rows([{"total": sum(row[summed] for row in found), "n": len(found)}])
        if names:
            return _named(found, names)
        if left and found and found[0].get(left) is not None:
            milliseconds = round((found[0][left] - now["epoch"]) * 1000)
            return Rows([{"left": milliseconds}] if milliseconds > 0 else [])
        return Rows({"left": -1} for _ in found) if left else found

    def _rows(self, request: Request, known: Mapping[str, Any]) -> Rows:
        ((name, asked),) = _filled(request, known).items()
        answer = self.send(name, asked)
        # In the order that was asked for; what an item has not is None.
        wanted = dict.fromkeys(_ATTRIBUTE.findall(asked.get("ProjectionExpression", "")))
        items = answer.get("Items", [answer["Item"]] if answer.get("Item") else [])
        if "Items" in answer or name == "GetItem":
            return Rows({**wanted, **_plain_item(item)} for item in items)
        if "Count" in answer:
            return Rows([{"n": answer["Count"]}])
        return Rows([_plain_item(answer.get("Attributes") or {})])

    def send(self, operation: str, asked: Request) -> dict[str, Any]:
        """Send a request as the API has it; return the answer.

        Raises:
            RefusedError: The store refuses it.
            AgainError: It is to be repeated.
        """
        signed = _SIGNED.format(by=quote(self._by, safe=""))
        target = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "Authorization": signed}
        try:
            self._connection.request("POST", "/", json.dumps(asked), {**_HEADERS, **target})
            with self._connection.getresponse() as found:
                status, self.server = found.status, found.getheader("Server", "")
                answer: dict[str, Any] = json.loads(found.read() or "{}")
        finally:
            self._connection.close()  # a server may do so between two requests as well
        if status == 200:
            return answer
        code = str(answer.get("__type", status)).rpartition("#")[2]
        if code in _AGAIN:
            raise AgainError(code)
        raise RefusedError(code, answer)

    def reset(self) -> None:
        """Drop the parts of a transaction that was not sent, and be who may do everything."""
        self._parts, self._by = None, ADMINISTRATOR

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _named(found: Rows, names: str) -> Rows:
    """Return rows with other names for their values, in the order of these."""
    return Rows(dict(zip(names.split(", "), row.values(), strict=True)) for row in found)


def _token() -> str:
    return uuid.uuid4().hex


def _now() -> dict[str, Any]:
    at = time.time()
    return {"now": _text(dt.datetime.fromtimestamp(at, dt.UTC)), "epoch": at}


def _text(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _made(said: str, known: Mapping[str, Any]) -> Any:
    """Compute what a caller makes of values, such as `now + seconds`."""
    found = _computed(ast.parse(said, mode="eval").body, known)
    return _text(found) if isinstance(found, dt.datetime) else found


def _computed(node: ast.expr, known: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.BinOp):
        left, right = _computed(node.left, known), _computed(node.right, known)
        if isinstance(left, dt.datetime):
            right = dt.timedelta(seconds=right)
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.Call):
        return _FUNCTIONS[ast.unparse(node.func)](*(_computed(it, known) for it in node.args))
    if isinstance(node, ast.Constant):
        return node.value
    name = ast.unparse(node)
    return dt.datetime.now(dt.UTC) if name == "now" else known[name]


def _filled(request: Request, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request with its values, each with its type."""
    ((name, asked),) = request.items()
    return {name: _parameters(asked, known)}


def _parameters(asked: Request, known: Mapping[str, Any]) -> dict[str, Any]:
    given = asked.get("ExpressionAttributeValues", {})
    found = dict(asked)
    for name in ("Key", "Item"):
        if name in asked:
            values = {said: _value(value, known) for said, value in asked[name].items()}
            found[name] = {said: _typed(v) for said, v in values.items() if v is not None}
    texts = " ".join(str(value) for name, value in asked.items() if name.endswith("Expression"))
    if names := set(_ATTRIBUTE.findall(texts)):
        found["ExpressionAttributeNames"] = {f"#{name}": name for name in sorted(names)}
    if used := set(_VALUE.findall(texts)):
        written = {name: _value(value, known) for name, value in given.items()}
        values = {f":{name}": written.get(f":{name}", known.get(name)) for name in sorted(used)}
        found["ExpressionAttributeValues"] = {name: _typed(v) for name, v in values.items()}
    return found


def _value(said: Any, known: Mapping[str, Any]) -> Any:
    """Return what an attribute is given: a value, several in one text, or what is written."""
    if not isinstance(said, str):
        return said
    if whole := _ALONE.fullmatch(said):
        value = known[whole[2]]
        return -value if whole[1] else value
    return _VALUE.sub(lambda found: str(known[found[1]]), said)


def _typed(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float | Decimal):
        return {"N": str(value)}
    return {"NULL": True} if value is None else {"S": str(value)}


def _plain_item(item: Request) -> dict[str, Any]:
    return {name: _plain(value) for name, value in item.items()}


def _plain(typed: Request) -> Any:
    ((kind, value),) = typed.items()
    if kind == "N":
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else float(number)
    return None if kind == "NULL" else value
