"""Write docs/reference from the code, or with --check fail where a page differs from it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from data.reference_pages import contract_markdown, profile_markdown
from metrics.reference_pages import catalogue_markdown, schemes_markdown
from tests.spec.pages import rules_en, rules_zh

PAGES = {
    "contracts.md": contract_markdown,
    "profiles.md": profile_markdown,
    "metrics.md": catalogue_markdown,
    "schemes.md": schemes_markdown,
    "rules.zh.md": rules_zh,
    "rules.en.md": rules_en,
}
FOLDER = Path(__file__).parent / "reference"


def main() -> int:
    """0 when all pages are written or right."""
    stale = []
    for name, page in PAGES.items():
        path, text = FOLDER / name, page().rstrip() + "\n"
        if "--check" in sys.argv:
            if not path.exists() or path.read_text("utf-8") != text:
                stale.append(name)
            continue
        path.write_text(text, "utf-8")
    if stale:
        print(f"docs/reference is stale: {', '.join(stale)}. Run `make docs`.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
