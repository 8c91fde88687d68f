"""What a notebook shows of counts and of runs: tables, with text that came from elsewhere as text."""

from __future__ import annotations

from pathlib import Path

from asyncplot.join.listing import Run, Runs
from asyncplot.stats import Stats


def test_the_counts_of_a_plot_are_a_table() -> None:
    """Each count has a row; reasons are text."""
    html = Stats(called=12_345, overhead=0.004, full_because={"<limits>": 3})._repr_html_()
    assert "<tr><td>called</td><td>12,345</td></tr>" in html
    assert "0.400 %" in html
    assert "in full: &lt;limits&gt;" in html


def test_runs_are_a_table() -> None:
    """One row for each; without one there is the heading alone."""
    run = Run("<b>gpe", "node7", Path("/run/gpe"), 1, "python3", "3.12", 0.0, "running", rate=12.0)
    html = Runs([run])._repr_html_()
    assert html.count("<tr>") == 2
    assert "&lt;b&gt;gpe" in html
    assert Runs([])._repr_html_().count("<tr>") == 1
