"""Ask for the addresses elsewhere that the site leads to; on request, since others serve them.

Usage: python website/external_links.py SITE > RESULT.md
SITE is the folder that `mkdocs build` wrote. What is printed is a dated Markdown table of all that
did not answer as expected; the exit code is 1 where an address is gone, 2 where not one server
answered: then this machine has no way to them, and nothing is known of any address.
"""

from __future__ import annotations

import argparse
import datetime as dt
import html
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

_LINK = re.compile(r"""<a\b[^>]*?\bhref=(?:"([^"]*)"|([^\s>"]+))""", re.IGNORECASE)
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_AT_ONCE = 8
_SECONDS = 20
_NAME = "storage-conductor-link-check"


class Answer(NamedTuple):
    """What came of an address.

    Args:
        address: The address.
        pages: The pages that lead to it, from the folder of the site.
        gone: Whether it is not there any more.
        says: What was answered; empty where all is well.
        reached: Whether a server answered at all.
    """

    address: str
    pages: tuple[str, ...]
    gone: bool = False
    says: str = ""
    reached: bool = True


def links(site: Path) -> dict[str, tuple[str, ...]]:
    """Return the addresses elsewhere, each with the pages that lead to it."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for page in sorted(site.rglob("*.html")):
        for quoted, bare in _LINK.findall(page.read_text(encoding="utf-8")):
            parts = urlsplit(html.unescape(quoted or bare))
            if parts.scheme in ("http", "https"):
                address = urlunsplit(parts._replace(fragment=""))
                found[address][page.relative_to(site).as_posix()] = None
    return {address: tuple(pages) for address, pages in sorted(found.items())}


def ask(found: dict[str, tuple[str, ...]]) -> list[Answer]:
    """Ask for each address; a server is asked for one at a time."""
    servers: dict[str, list[str]] = defaultdict(list)
    for address in found:
        servers[urlsplit(address).netloc].append(address)

    def of_server(addresses: Sequence[str]) -> list[Answer]:
        return [Answer(address, found[address], *_answer(address)) for address in addresses]

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return sorted(answer for each in pool.map(of_server, servers.values()) for answer in each)


def _answer(address: str) -> tuple[bool, str, bool]:
    said, reached = "", False
    for method in ("HEAD", "GET"):  # some servers answer the second one alone
        request = Request(address, method=method, headers={"User-Agent": _NAME})  # noqa: S310
        try:
            with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - http or https
                ended = answer.geturl()
        except HTTPError as error:
            with error:
                gone, said, reached = error.code in _GONE, f"{error.code} {error.reason}", True
        except (OSError, ValueError) as error:
            gone, said = False, f"no answer: {getattr(error, 'reason', error)}"
        else:
            return False, "" if ended == address else f"moved to {ended}", True
    return gone, said, reached


def table(answers: Sequence[Answer], today: dt.date) -> Iterator[str]:
    """Yield the lines of the result."""
    told = [answer for answer in answers if answer.says]
    yield f"Asked on {today.isoformat()} for {len(answers):,} addresses; {len(told):,} to look at."
    if told:
        yield "\n| Address | Answer | On |\n| --- | --- | --- |"
    for answer in told:
        more = f" and {len(answer.pages) - 1} more" if len(answer.pages) > 1 else ""
        yield f"| <{answer.address}> | {answer.says} | {answer.pages[0]}{more} |"


def main(arguments: Sequence[str]) -> int:
    """Print the result, and return 1 where an address is gone, 2 where nothing was reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path, help="the folder of the built site")
    answers = ask(links(parser.parse_args(arguments).site))
    if answers and not any(answer.reached for answer in answers):
        print(f"None of {len(answers):,} addresses was reached, such as {answers[0].address}:")
        print(f"{answers[0].says}. This machine has no way to them, so nothing was checked.")
        return 2
    print("\n".join(table(answers, dt.datetime.now(dt.UTC).date())))
    return 1 if any(answer.gone for answer in answers) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
