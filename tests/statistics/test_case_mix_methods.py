"""Standardisation against a published example, against plain Python, and at its edges."""

import numpy as np
import pytest

from metrics.methods.case_mix import direct, indirect

# PHEindicatormethods, R/isr_sheet.csv (GPL-3, figures only): events and people of an area by age,
# those of the reference, and the expected events there printed.
AREA_O = [127, 25, 18, 21, 12, 27, 48, 27, 29, 32, 32, 34, 45, 65, 38, 68, 74, 82, 91]
AREA_N = [636, 558, 609, 543, 384, 594, 669, 843, 660, 576, 606, 522, 426, 273, 300, 288, 153]
AREA_N += [123, 207]
REF_O = [10303, 2824, 3225, 3615, 3641, 3490, 3789, 3213, 3031, 2771, 3089, 3490, 3595, 4745]
REF_O += [5514, 7125, 5694, 6210, 5757]
REF_N = [50520, 57173, 60213, 54659, 44345, 50128, 62163, 67423, 62899, 55463, 60479, 49974]
REF_N += [44140, 40888, 37239, 30819, 18136, 15325, 13918]
PRINTED_E = [129.7052257, 27.56182114, 32.61795626, 35.91256701, 31.52878566, 41.35533035]
PRINTED_E += [40.77732735, 40.17262655, 31.80432121, 28.7776716, 30.95180145, 36.45455637]
PRINTED_E += [34.69574082, 31.68130014, 44.42117135, 66.58230312, 48.03606087, 49.84208809]
PRINTED_E += [85.62286248]


def test_expected_events_are_those_printed_for_the_published_example() -> None:
    """The reference holds the area: the rest of it is a second unit here."""
    ages = np.arange(len(AREA_O))
    o = np.concatenate([AREA_O, np.subtract(REF_O, AREA_O)])
    n = np.concatenate([AREA_N, np.subtract(REF_N, AREA_N)])
    unit, stratum = np.repeat([0, 1], len(ages)), np.tile(ages, 2)
    found = indirect(unit, [stratum], o, n, own_hold=1.0)
    expected = sum(PRINTED_E)
    assert found.e[0] == pytest.approx(expected, abs=1e-6)
    assert found.o[0] == 895
    assert found.sr[0] == pytest.approx(895 / expected, rel=1e-9)
    # Byar's limits of 895, written out, over the expected number taken as known.
    z = 1.959964
    low = 895 * (1 - 1 / (9 * 895) - z / (3 * 895**0.5)) ** 3
    high = 896 * (1 - 1 / (9 * 896) + z / (3 * 896**0.5)) ** 3
    assert found.low[0] == pytest.approx(low / expected, rel=1e-6)
    assert found.high[0] == pytest.approx(high / expected, rel=1e-6)


def test_a_unit_is_not_compared_with_itself_where_it_holds_much_of_a_stratum() -> None:
    """At 30 % of a stratum its own events would pull the ratio towards 1."""
    unit, stratum = [0, 1, 2], [0, 0, 0]
    o, n = [30, 10, 25], [60, 40, 100]
    found = indirect(unit, [stratum], o, n, least=1)
    assert found.e[0] == pytest.approx(60 * 35 / 140)
    assert found.e[1] == pytest.approx(40 * 65 / 200)  # exactly a fifth is not more than a fifth
    assert found.e[2] == pytest.approx(100 * 40 / 100)
    assert indirect(unit, [stratum], o, n, own_hold=1.0).e.sum() == pytest.approx(sum(o))


def test_a_small_stratum_gives_way_to_the_next_rung_and_says_so() -> None:
    """Item 0 has 5 cases of others: family 0 (items 0 and 1) is the yardstick."""
    unit = [0, 1, 1, 2, 0]
    item = [0, 0, 1, 1, 1]
    family = [0, 0, 0, 0, 0]
    o, n = [2, 1, 10, 20, 5], [10, 5, 100, 100, 10]
    found = indirect(unit, [item, family], o, n, least=20)
    # Of item 1 unit 0 holds 10 of 210: the rate of all. Of the family 20 of 225 as well.
    assert found.e[0] == pytest.approx(10 * 38 / 225 + 10 * 35 / 210)
    assert found.merged[0].tolist() == [0.5]
    assert found.merged[2].tolist() == [0.0]


def test_business_that_nobody_shares_is_said_and_not_adjusted() -> None:
    unit, item, everything = [0, 0, 1], [0, 1, 1], [0, 0, 0]
    found = indirect(unit, [item, everything], [9, 1, 2], [30, 20, 40], least=1)
    assert found.own_share.tolist() == [0.6, 0.0]
    assert found.o.tolist() == [1, 2]
    assert found.n.tolist() == [20, 40]
    assert found.e[0] == pytest.approx(20 * 2 / 40)
    assert found.overall == pytest.approx(12 / 90)


def test_a_rare_channel_of_a_shared_item_is_no_business_of_its_own() -> None:
    """Unit 0 alone takes item 0 online; others have the item at the counter."""
    unit, channel_item, item = [0, 1], [0, 1], [0, 0]
    o, n = [3, 30], [50, 200]
    alone = indirect(unit, [channel_item, item], o, n)
    shared = indirect(unit, [channel_item, item], o, n, shared_on=1)
    assert alone.own_share[0] == 1
    assert np.isnan(alone.sr[0])
    assert shared.own_share[0] == 0
    assert shared.e[0] == pytest.approx(50 * 33 / 250)
    assert shared.merged[0].tolist() == [1.0]


def test_units_that_differ_by_mix_alone_come_out_equal() -> None:
    """Simpson: the raw rates are 18 % and 66 %; in each stratum both have the same rate."""
    unit, item = [0, 0, 1, 1], [0, 1, 0, 1]
    o, n = [90, 90, 10, 810], [900, 100, 100, 900]
    found = indirect(unit, [item], o, n, own_hold=1.0)
    assert found.sr == pytest.approx([1, 1], abs=1e-12)
    assert found.adjusted == pytest.approx([0.5, 0.5])
    assert direct(unit, item, o, n) == pytest.approx([0.5, 0.5])


def test_direct_standardisation_needs_every_stratum() -> None:
    unit, item = [0, 0, 1, 1], [0, 1, 0, 1]
    found = direct(unit, item, [5, 5, 5, 1], [20, 40, 50, 19])
    standard = (70 * 5 / 20 + 59 * 5 / 40) / 129
    assert found[0] == pytest.approx(standard)
    assert np.isnan(found[1])


def test_nothing_breaks_where_there_is_nothing_to_compare() -> None:
    """No cells, a unit without cells, one unit alone, no events, nothing expected."""
    assert indirect([], [[]], [], []).overall != indirect([], [[]], [], []).overall
    alone = indirect([0], [[0], [0]], [3], [50], units=2)
    assert np.isnan(alone.sr).all()
    assert alone.own_share[0] == 1
    assert np.isnan(alone.own_share[1])
    quiet = indirect([0, 1], [[0, 0]], [0, 0], [50, 50])
    assert np.isnan(quiet.sr).all()
    assert quiet.e.tolist() == [0, 0]
    with pytest.raises(ValueError, match="same length"):
        indirect([0], [[0, 1]], [1], [2])
    with pytest.raises(ValueError, match="0 <= o <= n"):
        indirect([0], [[0]], [3], [2])
