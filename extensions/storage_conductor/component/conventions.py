"""How the work is done: what answers and documents say of tests, schema, language and tools."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ..catalog.statements import MigrationTool
from ..context import ProjectContext, Stated, companion
from ..questions.answers import Answers
from .store import Store


@dataclass(frozen=True)
class Conventions:
    """The conventions that specification and plan follow; answers go before documents.

    Args:
        answers: What a person said.
        context: What the project's documents say.
        stores: The backends, as they are run here.
    """

    answers: Answers
    context: ProjectContext
    stores: tuple[Store, ...]

    @functools.cached_property
    def test_driven(self) -> bool:
        """Tell whether the failing test comes first; assumed not to where nothing says so."""
        said = self.answers.test_driven
        return bool(self.context.test_driven if said is None else said)

    @functools.cached_property
    def schema_first(self) -> bool:
        """Tell whether the schema comes before the code; assumed where nothing says so."""
        said = self.answers.schema_first
        said = self.context.schema_first if said is None else said
        return said is not False

    @property
    def language(self) -> str:
        """Return the programming language, or an empty text."""
        stated = self.context.tech_stack.languages
        return self.answers.language or (stated[0].value if stated else "")

    @property
    def ci(self) -> str:
        """Return the service that runs the tests, or an empty text."""
        stated = self.context.tech_stack.ci
        return stated.value if stated else ""

    @property
    def coverage(self) -> float | None:
        """Return the test coverage that the workflow asks for, in percent."""
        stated = self.context.workflow.coverage_percent
        return None if stated is None else stated.number

    @property
    def migration_tool(self) -> str:
        """Return the tool that is stated to apply schema changes, or an empty text."""
        stated = self.context.tech_stack.migration_tool
        if self.answers.migration_tool or stated is None or not self._fits(stated):
            return self.answers.migration_tool
        return stated.value

    def _fits(self, tool: Stated) -> bool:
        """Tell whether a tool of the tech stack, as a rule one for SQL, can serve these stores."""
        primary = self.context.tech_stack.primary_database
        named = "" if primary is None else primary.value.casefold()
        for item in self.stores:
            own = item.backend.family == "unknown" and named.startswith(item.name.casefold())
            if own or item.backend.family == "relational":
                return True
        known = (listed.name for item in self.stores for listed in item.backend.migration_tools)
        return tool.value.casefold() in map(str.casefold, known)

    @property
    def usual_tool(self) -> str:
        """Return the tool of the stated mapper, else the first for the language, if any is known.

        A tool is never one that the documents rule out, nor one of another mapper.
        """
        ruled_out = tuple(item.value.casefold() for item in self.context.ruled_out)
        tools = [tool for item in self.stores for tool in item.backend.migration_tools]
        fit = [tool for tool in tools if not tool.name.casefold().startswith(ruled_out)]
        mapper = self.context.tech_stack.orm
        if mapper is not None:
            own = companion(mapper.value).casefold()
            return next((tool.name for tool in fit if tool.name.casefold() == own), "")
        wanted = self.language.split()[0].casefold() if self.language else ""
        return next((tool.name for tool in fit if wanted and wanted in tool.languages), "")

    @property
    def backend_told(self) -> Stated | None:
        """Return the statement beside the project's own documents that a store follows from."""
        names = [item.name.casefold() for item in self.stores]
        beside = (stated for stated in self.context.tech_stack.chosen if stated.neighbour)
        return next((s for s in beside if any(n in s.value.casefold() for n in names)), None)

    @property
    def tool(self) -> str:
        """Return the tool that the plan is written for: the stated one, else the usual one."""
        return self.migration_tool or self.usual_tool

    def commands(self, item: Store) -> MigrationTool | None:
        """Return the tool's commands, if the catalog knows them for a store."""
        tools, wanted = item.backend.migration_tools, self.tool.casefold()
        return next((tool for tool in tools if tool.name.casefold() == wanted), None)

    @property
    def tool_store(self) -> Store | None:
        """Return the first store for which the catalog knows the tool's commands."""
        return next((item for item in self.stores if self.commands(item)), None)

    @property
    def goes_back(self) -> bool:
        """Tell whether a migration can be undone; a tool that nothing is known of is taken to."""
        item = self.tool_store
        commands = self.commands(item) if item else None
        return commands is None or bool(commands.revert)
