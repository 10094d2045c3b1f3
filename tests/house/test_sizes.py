"""Files and functions stay small enough to be read in one go."""

import ast

from tests.house.tree import ROOT, place, product_files

# Aim at 250 lines and think hard beyond it; 400 is where it stops. A page only reads, draws, offers.
FILE_LINES = 400
PAGE_LINES = 80
FUNCTION_LINES = 60


def test_no_file_is_longer_than_one_subject():
    """The longest files are listed with their lines."""
    found = []
    for path in product_files(".py", ".sql", ".css"):
        lines = len(path.read_text("utf-8").splitlines())
        is_page = path.relative_to(ROOT).parts[:2] == ("dashboard", "page")
        if lines > (PAGE_LINES if is_page else FILE_LINES):
            found.append(f"{lines:5d} lines: {path.relative_to(ROOT)}")
    assert not found, "\n".join(sorted(found, reverse=True))


def test_no_function_is_a_chapter():
    """Forty lines are the aim; half as much again fails."""
    found = [
        f"{place(path, node.lineno)} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in product_files(".py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert not found, "\n".join(found)
