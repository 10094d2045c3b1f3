"""公平性检验: who is compared with whom: on what volume, and what small groups gave up."""

from dashboard import formats
from dashboard.components import fair_frames
from dashboard.components.fair_asked import Asked, offer
from dashboard.components.heading import remark, section
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.fairness import groups_sheet, merged_text, rungs_sheet
from metrics.fairness.peer_basis import PeerBasis
from metrics.fairness.peer_words import basis_sentence, group_label


def draw(asked: Asked) -> None:
    """The basis in a sentence, the ladder with who stopped where, then every group."""
    words, found = asked.words, fair_frames.basis(asked)
    basis = basis_sentence(found.span, words.lang) if found.by_volume else words("fair.no_volume")
    section(basis)
    meaning = words("fair.groups_meaning", least=formats.count(found.least))
    remark(meaning)
    if found.groups.is_empty():
        remark(words("ranking.nobody"))
        return
    section(words("fair.ladder"), words("fair.ladder_note"))
    _draw_ladder(asked, found)
    offer(asked, "ladder", rungs_sheet(found, words), meaning)
    section(words("fair.group_list"))
    _draw_groups(asked, found)
    offer(asked, "groups", groups_sheet(found, words), meaning)


def _draw_ladder(asked: Asked, found: PeerBasis) -> None:
    words = asked.words
    columns = [
        Column(words("fair.merged"), look="hs-name"),
        Column(words("fair.groups"), look="hs-number"),
        Column(words("fair.counters"), look="hs-number"),
    ]
    listed = [
        [
            Cell(merged_text(row["merged"], words)),
            *(Cell(formats.count(row[name])) for name in ("groups_n", "counters_n")),
        ]
        for row in found.rungs.to_dicts()
    ]
    table(columns, listed, words("fair.ladder"))


def _draw_groups(asked: Asked, found: PeerBasis) -> None:
    words = asked.words
    columns = [
        Column(words("fairness.group"), look="hs-name"),
        Column(words("fair.members"), look="hs-number"),
        Column(words("fair.mine"), look="hs-number"),
        Column(words("fair.merged")),
        Column(words("fair.waiting"), look="hs-number"),
    ]
    listed = [
        [
            Cell(group_label(row["group"], words.lang)),
            Cell(
                formats.count(row["k"]),
                words("fair.too_small", least=found.least) if row["small"] else "",
            ),
            Cell(formats.count(row["mine"])),
            Cell(merged_text(row["merged"], words), mute=not row["merged"]),
            Cell(formats.count(row["waiting"]), mute=not row["waiting"]),
        ]
        for row in found.groups.to_dicts()
    ]
    table(columns, listed, words("fair.group_list"))
