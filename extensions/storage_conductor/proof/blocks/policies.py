"""IAM as the emulator plays it: what a role may ask of DynamoDB, by its policy and its tag.

It knows what the policies of building blocks say: actions, tables, and the condition that all
partition keys of a request are among some values, one of which may be the tag of who asks. As IAM
does, it takes that condition for true of a request without a key, such as a scan, and a statement
whose variable has no value for one that allows nothing.

Sources: Amazon DynamoDB Developer Guide, Using IAM policy conditions for fine-grained access
control; IAM User Guide, Multivalued context key examples, and Policy elements: variables and tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

_ALL_KEYS, _KEYS = "ForAllValues:StringEquals", "dynamodb:LeadingKeys"
_VARIABLE = re.compile(r"\$\{aws:PrincipalTag/(\w+)\}")
_ACTIONS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
_Asked = Mapping[str, Any]


class Policies:
    """The policies of roles.

    Args:
        client: To moto, which tells the partition key of a table.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._documents: dict[str, _Asked] = {}

    def keep(self, operation: str, asked: _Asked) -> bool:
        """Put or delete the policy of a role; False where something else is asked."""
        if operation == "PutRolePolicy":
            self._documents[asked["RoleName"]] = asked["PolicyDocument"]
        elif operation == "DeleteRolePolicy":
            self._documents.pop(asked["RoleName"], None)
        else:
            return False
        return True

    def allow(self, by: str, operation: str, asked: _Asked) -> bool:
        """Tell whether a role may ask for something.

        Args:
            by: `ROLE`, or `ROLE, tag NAME VALUE` of who has assumed it with a tag.
            operation: The name of a request.
            asked: Its parameters.
        """
        role, _, tag = by.partition(", tag ")
        name, _, value = tag.partition(" ")
        document = self._documents.get(role, {"Statement": ()})
        return all(
            any(
                self._allows(statement, {name: value} if value else {}, action, part)
                for statement in document["Statement"]
            )
            for action, part in _parts(operation, asked)
        )

    def _allows(
        self, statement: _Asked, tags: Mapping[str, str], action: str, asked: _Asked
    ) -> bool:
        table = f"arn:aws:dynamodb:us-east-1:123456789012:table/{asked['TableName']}"
        listed = any(fnmatchcase(f"dynamodb:{action}", said) for said in statement["Action"])
        if not listed or not fnmatchcase(table, statement["Resource"]):
            return False
        wanted = statement.get("Condition", {}).get(_ALL_KEYS, {}).get(_KEYS)
        if wanted is None:
            return True
        if any(name not in tags for said in wanted for name in _VARIABLE.findall(said)):
            return False
        known = {_VARIABLE.sub(lambda found: tags[found[1]], said) for said in wanted}
        return all(key in known for key in self._leading_keys(asked))

    def _leading_keys(self, asked: _Asked) -> Iterator[str]:
        """Yield the values of the partition key that a request names."""
        schema = self._client.describe_table(TableName=asked["TableName"])["Table"]["KeySchema"]
        name = next(part["AttributeName"] for part in schema if part["KeyType"] == "HASH")
        item = asked.get("Key") or asked.get("Item") or {}
        if name in item:
            yield str(*item[name].values())
        condition = asked.get("KeyConditionExpression", "")
        for place in re.findall(rf"#{name} = (:\w+)", condition):
            yield str(*asked["ExpressionAttributeValues"][place].values())


def _parts(operation: str, asked: _Asked) -> Iterator[tuple[str, _Asked]]:
    """Yield the actions that a request is judged by: of a transaction those of its parts."""
    for part in asked.get("TransactItems", ()):
        ((kind, said),) = part.items()
        yield _ACTIONS.get(kind, "ConditionCheckItem"), said
    if "TransactItems" not in asked:
        yield operation, asked
