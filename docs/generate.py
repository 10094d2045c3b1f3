"""Write docs/reference from the code, or with --check fail where a page differs from it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from data.reference_pages import contract_markdown, profile_markdown
from metrics.reference_functions import functions_markdown
from metrics.reference_pages import catalogue_markdown
from metrics.scheme_pages import scheme_pages, schemes_markdown
from tests.spec.pages import rules_en, rules_zh

PAGES = {
    "contracts.md": contract_markdown,
    "profiles.md": profile_markdown,
    "metrics.md": catalogue_markdown,
    "functions.md": functions_markdown,
    "schemes.md": schemes_markdown,
    "rules.zh.md": rules_zh,
    "rules.en.md": rules_en,
}
FOLDER = Path(__file__).parent / "reference"
SCHEMES = "schemes"  # its folder holds one page per scheme, and no other


def _unknown(pages: dict[str, str]) -> list[str]:
    """Pages of schemes that are gone; without --check they are removed."""
    there = {f"{SCHEMES}/{path.name}" for path in (FOLDER / SCHEMES).glob("*.md")}
    gone = sorted(there - set(pages))
    if "--check" in sys.argv:
        return gone
    for name in gone:
        (FOLDER / name).unlink()
    return []


def main() -> int:
    """0 when all pages are written or right."""
    pages = {name: page() for name, page in PAGES.items()}
    pages |= {f"{SCHEMES}/{name}": text for name, text in scheme_pages().items()}
    stale = _unknown(pages)
    for name, page in pages.items():
        path, text = FOLDER / name, page.rstrip() + "\n"
        if "--check" in sys.argv:
            if not path.exists() or path.read_text("utf-8") != text:
                stale.append(name)
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    if stale:
        print(f"docs/reference is stale: {', '.join(stale)}. Run `make docs`.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
