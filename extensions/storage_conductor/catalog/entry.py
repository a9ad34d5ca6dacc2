"""What the catalog is made of: entries whose fields are the names that their class declares.

Pydantic makes a model of a class when it is declared. For the whole catalog that takes longer than
reading all that was validated before, which is what most runs do. So the classes are plain ones
here, and pydantic makes its validator of what they declare when there is something to validate.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self, dataclass_transform, get_type_hints

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, TypeAdapter
    from pydantic_core import CoreSchema

_validators: dict[type[CatalogEntry], TypeAdapter[Any]] = {}


@dataclass_transform(kw_only_default=True, frozen_default=True)
class CatalogEntry:
    """Base of everything in the catalog: unknown keys are mistakes, values do not change.

    A field without a value has the default that its class declares.
    """

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the fields, those of a base first."""
        found = (inspect.get_annotations(each) for each in reversed(cls.__mro__))
        return tuple(dict.fromkeys(name for annotations in found for name in annotations))

    @classmethod
    def validated(cls, data: Mapping[str, Any]) -> Self:
        """Return the entry of some data.

        Raises:
            pydantic.ValidationError: It breaks a rule of the class.
        """
        from pydantic import TypeAdapter

        if cls not in _validators:
            _validators[cls] = TypeAdapter(cls)
        made: Self = _validators[cls].validate_python(data)
        return made

    def check(self) -> None:
        """Make sure that the fields fit each other; each fits its own declaration already.

        Raises:
            ValueError: They do not.
        """

    def values(self) -> dict[str, Any]:
        """Return the values of all fields by name, defaults among them."""
        return {name: getattr(self, name) for name in self.names()}

    def replace(self, **values: Any) -> Self:
        """Return a copy with some other values, which are not validated."""
        return type(self)(**{**self.__dict__, **values})

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} does not change")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.values() == other.values()

    def __hash__(self) -> int:
        return hash(tuple(self.values().values()))

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.values().items())
        return f"{type(self).__name__}({given})"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[CatalogEntry], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        del source
        fields = {
            name: core_schema.typed_dict_field(
                handler.generate_schema(hint), required=not hasattr(cls, name)
            )
            for name, hint in get_type_hints(cls, include_extras=True).items()
        }
        config = core_schema.CoreConfig(str_strip_whitespace=True)
        data = core_schema.typed_dict_schema(fields, extra_behavior="forbid", config=config)
        return core_schema.no_info_after_validator_function(cls._checked, data)

    @classmethod
    def _checked(cls, values: dict[str, Any]) -> Self:
        made = cls(**values)
        made.check()
        return made
