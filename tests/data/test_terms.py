"""The vocabulary."""

from data.terms import terms


def test_every_word_is_there_once_in_both_languages_with_a_name():
    words = terms()
    assert all(word.zh and word.en and word.identifiers for word in words)
    assert len({word.zh for word in words}) == len(words)
    assert all(name.isidentifier() for word in words for name in word.identifiers)


def test_a_counter_and_a_desk_are_not_the_same_word():
    names = {word.zh: word.identifiers[0] for word in terms()}
    assert names["窗口(被考核)"] == "counter"
    assert names["窗口号、席位"] == "desk_no"
