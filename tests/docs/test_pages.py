"""The pages read whole where they are stored, are up to date, and lead to what they speak of."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import docutils.core
import docutils.nodes
import pytest

import asyncplot

ROOT = Path(asyncplot.__file__).parents[1]
PAGES = [ROOT / "README.rst", *sorted((ROOT / "docs").glob("*.rst"))]
TEXTS = {page: page.read_text() for page in PAGES}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)

#: What only Sphinx knows, and in which page it may stand: the page says so, or shows the same in another way.
OF_SPHINX = {"index": {"toctree"}, "api": {"autoclass", "autofunction", "autoexception", "automodule"}}
OF_SPHINX["changelog"] = {"include"}

#: The nouns of the glossary by which a page is found to use a term. "It runs", "has taken" and "waits" are plain words.
TERMS = {
    "budget": r"budgets?",
    "frame": r"(?<!-)frames?(?= |,|\.|;|:)",
    "lane": r"lanes?",
    "mirror": r"mirrors?",
    "relay": r"relays?",
    "run": r"(?:a|the|each|another|one) run(?= |'s|,|\.|;|:)(?! director)",
    "run-directory": r"run director(?:y|ies)",
    "superseded": r"supersedes?d?",
    "taken": r"(?:frames? (?:that )?(?:is|are|was) taken|taken frames?)",
    "trailing": r"trailing",
    "viewer": r"viewers?",
}  # fmt: skip

#: Pages that need no links to the glossary: itself, tables and lists that programs make, and those that only lead on.
UNLINKED = {"README", "api", "changelog", "glossary", "index"}
LINKED = [page for page in PAGES if page.stem not in UNLINKED and not page.stem.startswith("performance-")]


def test_examples_options_and_names_are_those_of_the_code() -> None:
    """``scripts/pages`` would write no page anew."""
    command = [sys.executable, ROOT / "scripts" / "made_parts.py", "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, f"run scripts/pages: {checked.stdout}{checked.stderr}"


def test_every_example_stands_in_a_page() -> None:
    """None is only a file."""
    examples = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs" / "examples").rglob("*.py")}
    assert examples == set(
        re.findall(r"^\.\. made from (examples/\S+)", "\n".join(TEXTS.values()), re.MULTILINE)
    )


def test_the_list_of_public_names_is_whole() -> None:
    """The page names what ``__all__`` names, in its own text."""
    listed = re.findall(r"^``(\w+)``$", TEXTS[ROOT / "docs" / "api.rst"], re.MULTILINE)
    assert sorted(listed) == sorted(asyncplot.__all__)


@each_page
def test_a_page_reads_whole_without_sphinx(page: Path) -> None:
    """It uses directives and roles that docutils knows: a web view leaves out the others without a word."""
    settings = {"report_level": 5, "halt_level": 6, "file_insertion_enabled": False, "_disable_config": True}
    document = docutils.core.publish_doctree(TEXTS[page], settings_overrides=settings)
    messages = [str(error.astext()) for error in document.parse_messages]
    unknown = {
        name for text in messages for name in re.findall(r'(?:directive type|text role) "([\w:-]+)"', text)
    }
    disabled = {name for text in messages for name in re.findall(r'"(\w+)" directive disabled', text)}
    assert unknown | disabled <= OF_SPHINX.get(page.stem, set())


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.stem)
def test_a_page_links_each_term_that_it_uses(page: Path) -> None:
    """At least once, to the glossary."""
    prose = without_code(TEXTS[page])
    used = {term: re.search(rf"\b{pattern}", prose, re.IGNORECASE) for term, pattern in TERMS.items()}
    missing = {
        term: prose[max(match.start() - 40, 0) : match.end() + 40]
        for term, match in used.items()
        if match and f"<glossary.rst#{term}>" not in TEXTS[page]
    }
    assert not missing


def without_code(text: str) -> str:
    """The sentences of a page: no literals, blocks of code, comments or titles; links by their text."""
    text = re.sub(
        r"^\.\. (?:made from .*?^\.\. end$|code-block::.*?(?=^\S))", "", text, flags=re.MULTILINE | re.DOTALL
    )
    text = re.sub(r"^>>> .*?\n\n", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^.+\n[=-]{3,}$|^ *:\w+:.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"``[^`]+``", "", text)
    text = re.sub(r"`([^`<]+) <[^>]+>`_+", r"\1", text)
    return " ".join(text.split())
