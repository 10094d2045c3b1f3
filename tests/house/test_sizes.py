"""Pages and functions stay small enough to be read in one go."""

import ast

from tests.house.tree import ROOT, place, product_files

PAGES = ("dashboard", "page")
PAGE_LINES = 80
# The aim is 40; a table of columns may be longer, half as much again may not.
FUNCTION_LINES = 60


def test_a_page_only_reads_draws_and_offers():
    """What grows longer belongs into a component, a chart or `metrics`."""
    pages = [p for p in product_files(".py") if p.relative_to(ROOT).parts[:2] == PAGES]
    assert pages
    found = [
        f"{lines:5d} lines: {path.relative_to(ROOT)}"
        for path in pages
        if (lines := len(path.read_text("utf-8").splitlines())) > PAGE_LINES
    ]
    assert not found, "\n".join(found)


def test_no_function_is_a_chapter():
    """The longest are listed with their lines."""
    found = [
        f"{place(path, node.lineno)} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in product_files(".py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert not found, "\n".join(found)
