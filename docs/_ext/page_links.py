"""Links between pages by the names of their files: ``Quickstart <quickstart.rst>``, ``viewer <glossary.rst#viewer>``.

A repository's web view follows such a link, because the file is there. This extension makes the built pages follow
it as well. In: references to relative paths. Out: links to the built page, or to a copy of the file. A file or an
anchor that does not exist is a warning, which fails the build.
"""

from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

_LOG = logging.getLogger(__name__)


def relative(reference: nodes.reference) -> tuple[str, str]:
    """Path and anchor of a reference to a file; an empty path for one to a site, or within the page."""
    parts = urlsplit(reference.get("refuri", ""))
    return ("", "") if parts.scheme or parts.netloc else (parts.path, parts.fragment)


class FileLinks(SphinxTransform):
    """When a page is read: a link to a file that is no page becomes a download."""

    default_priority = 400

    def apply(self, **_: object) -> None:
        """Replace the references."""
        folder = Path(self.env.doc2path(self.env.docname)).parent
        for reference in list(self.document.findall(nodes.reference)):
            path, _anchor = relative(reference)
            if not path or (path.endswith(".rst") and "/" not in path):
                continue
            if not (folder / path).is_file():
                _LOG.warning("there is no file %s", path, location=reference)
                continue
            download = addnodes.download_reference("", "", *reference.children, reftarget=path)
            reference.replace_self(download)


class PageLinks(SphinxPostTransform):
    """When a page is written: a link to another page leads to what was built from it."""

    default_priority = 20

    def run(self, **_: object) -> None:
        """Set the addresses."""
        for reference in list(self.document.findall(nodes.reference)):
            path, anchor = relative(reference)
            if not path.endswith(".rst"):
                continue
            page = path.removesuffix(".rst")
            if page not in self.env.found_docs:
                _LOG.warning("there is no page %s", path, location=reference)
                continue
            if anchor and anchor not in self.env.get_doctree(page).ids:
                _LOG.warning("there is no anchor %s in %s", anchor, path, location=reference)
            address = self.app.builder.get_relative_uri(self.env.docname, page)
            reference["refuri"] = f"{address}#{anchor}" if anchor else address
            reference["internal"] = True


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_transform(FileLinks)
    app.add_post_transform(PageLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
