"""The pages read whole where they are stored, are up to date, link their terms, and are in short sentences."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import docutils.core

import asyncplot

ROOT = Path(asyncplot.__file__).parents[1]

#: Name -> text.
PAGES = {
    page.stem: page.read_text() for page in [ROOT / "README.rst", *sorted((ROOT / "docs").glob("*.rst"))]
}

#: What only Sphinx knows, and in which page it may stand. The page shows the same in another way, or says what is missing.
OF_SPHINX = {
    "api": {"autoclass", "autofunction", "autoexception", "automodule"},
    "changelog": {"include"},
    "index": {"toctree"},
}

#: By which words a page is found to use a term. "It runs", "has taken" and "waits" are plain words.
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
}

#: Pages that need no links to the glossary: itself, tables and lists that programs make, and those that only lead on.
UNLINKED = re.compile(r"README|api|changelog|glossary|index|performance-.*")

#: A longer sentence says two things, and is read twice.
WORDS = 40

#: Where a sentence, or a paragraph, ends.
END = re.compile(r"(?<=[.?!:;])\*{0,2}\)?\s+(?=[A-Z`\"(*]|matplotlib|asyncplot)|\n\n")


def test_examples_options_and_names_are_those_of_the_code() -> None:
    """``scripts/pages`` would write no page anew."""
    command = [sys.executable, ROOT / "scripts" / "made_parts.py", "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, f"run scripts/pages: {checked.stdout}{checked.stderr}"


def test_every_example_stands_in_a_page() -> None:
    """None is only a file."""
    examples = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs" / "examples").rglob("*.py")}
    assert examples == set(
        re.findall(r"^\.\. made from (examples/\S+)", "\n".join(PAGES.values()), re.MULTILINE)
    )


def test_the_list_of_public_names_is_whole() -> None:
    """The page names what ``__all__`` names, in its own text."""
    assert sorted(re.findall(r"^``(\w+)``$", PAGES["api"], re.MULTILINE)) == sorted(asyncplot.__all__)


def test_a_page_reads_whole_without_sphinx() -> None:
    """It uses the directives and roles that docutils knows: a web view leaves out the others without a word."""
    settings = {"report_level": 5, "halt_level": 6, "file_insertion_enabled": False, "_disable_config": True}
    left_out = {}
    for page, text in PAGES.items():
        document = docutils.core.publish_doctree(text, settings_overrides=settings)
        said = "\n".join(message.astext() for message in document.parse_messages)
        left_out[page] = set(re.findall(r'(?:directive type|text role) "([\w:-]+)"', said))
        left_out[page] |= set(re.findall(r'"(\w+)" directive disabled', said))
    assert {page: names for page, names in left_out.items() if names} == OF_SPHINX


def test_a_page_links_each_term_that_it_uses() -> None:
    """At least once, to the glossary."""
    missing = [
        (page, term, prose[max(used.start() - 40, 0) : used.end() + 40])
        for page, prose in (
            (page, prose_of(text)) for page, text in PAGES.items() if not UNLINKED.fullmatch(page)
        )
        for term, pattern in TERMS.items()
        if (used := re.search(rf"\b{pattern}", prose, re.IGNORECASE))
        and f"<glossary.rst#{term}>" not in PAGES[page]
    ]
    assert not missing


def test_no_sentence_is_so_long_that_it_is_read_twice() -> None:
    """It has few words."""
    sentences = [(page, each) for page, text in PAGES.items() for each in END.split(prose_of(text))]
    assert not [(page, each) for page, each in sentences if len(each.split()) > WORDS and page != "api"]


def prose_of(text: str) -> str:
    """The paragraphs of a page: no blocks of code, made tables, comments or titles. A literal is X, a link its text."""
    both = re.MULTILINE | re.DOTALL
    text = re.sub(r"^\.\. made from (?:examples|options).*?^\.\. end$", "", text, flags=both)
    text = re.sub(r"^\.\. code-block::.*?(?=^\S)", "", text, flags=both)
    text = re.sub(r"^>>> .*?\n\n", "\n", text, flags=both)
    text = re.sub(r"^.+\n[=-]{3,}$|^ *:\w+:.*$|^ *\.\. .*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"`([^`<]+) <[^>]+>`_+", r"\1", re.sub(r"``[^`]+``", "X", text))
    items = r"^ *(?:\* -|[-*]|\d\.) |^(?=\S.*\n {3,}\S)|(?<=\S\n)(?= {3,}\S.*\n\S)"
    text = re.sub(items, "\n\n", text, flags=re.MULTILINE)
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))


def test_the_files_to_read_exist() -> None:
    """Each file that the page on design names is there."""
    package = Path(asyncplot.__file__).parent
    named = re.findall(r"``([a-z_/]+\.py)``", PAGES["design"])
    assert len(named) > 30
    assert not [name for name in named if not (package / name).is_file()]
