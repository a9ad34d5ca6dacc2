"""Hand command lines to the parser of a cloud vendor's own command-line program.

Run by `tests/vendor_cli.py` under the interpreter that has the vendor's program, so it imports
nothing of this project. Reads a JSON list of argument lists on the standard input and writes a JSON
object: `version`, and `said`, which is for each line the empty text or what the parser said.
Nothing is sent anywhere: the step that would call the service is replaced.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Parser = Callable[[list[str]], object]


def aws() -> tuple[str, Parser]:
    """Parse by `awscli`, with the shapes of the service's API."""
    import awscli
    from awscli.clidriver import CLIOperationCaller, create_clidriver
    from awscli.customizations.cloudformation.deploy import DeployCommand
    from awscli.customizations.s3.subcommands import S3TransferCommand
    from botocore.validate import ParamValidator

    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
    from_file: list[bool] = []

    def invoke(self: Any, service: str, operation: str, parameters: Any, _: Any) -> int:
        model = self._session.get_service_model(service).operation_model(operation)
        parameters.pop("PaginationConfig", None)
        if not any(from_file) and model.input_shape is not None:
            report = ParamValidator().validate(parameters, model.input_shape)
            if report.has_errors():
                raise ValueError(report.generate_report())
        return 0

    CLIOperationCaller.invoke = invoke
    for command in (S3TransferCommand, DeployCommand):
        command._run_main = lambda *_: 0

    def parse(arguments: list[str]) -> object:
        files = [word.removeprefix("file://") for word in arguments if word.startswith("file://")]
        from_file[:] = [bool(files)]
        code: object = 0
        for content in ("{}", "[]") if files else ("",):
            for name in files:
                Path(name).write_text(content, encoding="utf-8")
            code = create_clidriver().main(arguments[1:])
            if code == 0:
                break
        return code

    return awscli.__version__, parse


def az() -> tuple[str, Parser]:
    """Parse by `azure-cli` without its extensions."""
    os.environ["AZURE_CONFIG_DIR"] = str(Path.cwd() / "azure")
    os.environ["AZURE_CORE_COLLECT_TELEMETRY"] = "0"
    os.environ["AZURE_CORE_DISABLE_CONFIRM_PROMPT"] = "1"
    os.environ["AZURE_EXTENSION_USE_DYNAMIC_INSTALL"] = "no"
    from azure.cli.core import __version__, get_default_cli
    from azure.cli.core.azclierror import AzCLIError
    from azure.cli.core.commands import AzCliCommandInvoker

    def tell(self: Any) -> None:
        sys.stderr.write(f"Error: {self.error_msg}\n")

    AzCLIError.print_error = tell
    AzCliCommandInvoker._validation = lambda *_: None
    AzCliCommandInvoker._run_jobs_serially = lambda *_: ([], [])

    def parse(arguments: list[str]) -> object:
        return get_default_cli().invoke(arguments[1:], out_file=io.StringIO())

    return __version__, parse


def gcloud() -> tuple[str, Parser]:
    """Parse by the Google Cloud SDK, whose folder `CLOUDSDK_ROOT` names."""
    root = Path(os.environ["CLOUDSDK_ROOT"])
    sys.path[:0] = [str(root / "lib"), str(root / "lib" / "third_party")]
    os.environ["CLOUDSDK_CONFIG"] = str(Path.cwd() / "gcloud")
    os.environ["CLOUDSDK_CORE_DISABLE_PROMPTS"] = "1"
    os.environ["CLOUDSDK_CORE_DISABLE_USAGE_REPORTING"] = "1"
    os.environ["CLOUDSDK_CORE_PROJECT"] = "project"
    from googlecloudsdk import gcloud_main
    from googlecloudsdk.calliope import backend

    def run(*_: Any, **__: Any) -> None:
        raise SystemExit(0)

    backend.Command.Run = run
    cli = gcloud_main.CreateCLI([])
    return (root / "VERSION").read_text().strip(), lambda arguments: cli.Execute(arguments[1:])


def said(parse: Parser, arguments: list[str]) -> str:
    """Return the empty text, or the first line in which the parser refuses."""
    code: object
    with stderr() as told, contextlib.redirect_stdout(io.StringIO()):
        try:
            code = parse(arguments)
        except SystemExit as error:
            code = error.code
        except Exception as error:  # noqa: BLE001  whatever it is, the parser refused the line
            return f"{type(error).__name__}: {error}".strip()
        sys.stderr.flush()
        lines = [line.strip() for line in told.read_text().splitlines() if line.strip()]
    if code in (0, None):
        return ""
    wrong = (line for line in lines if "error" in line.lower() or "argument" in line.lower())
    return next(wrong, lines[-1] if lines else f"exit {code}")


@contextlib.contextmanager
def stderr() -> Iterator[Path]:
    """Write the standard error to a file, also that of handlers which hold the old stream."""
    path = Path("stderr")
    with path.open("w", encoding="utf-8") as stream, contextlib.redirect_stderr(stream):
        kept = os.dup(2)
        os.dup2(stream.fileno(), 2)
        try:
            yield path
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def main() -> None:
    """Read the lines, parse them, and write what was said."""
    lines = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        version, parse = {"aws": aws, "az": az, "gcloud": gcloud}[sys.argv[1]]()
        result = {"version": version, "said": [said(parse, line) for line in lines]}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
