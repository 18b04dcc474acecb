"""How a model is written, and what a bad one is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.psychometrics.model import from_scales, parse


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the model is empty"),
        ("# nothing\n ! at all", "the model is empty"),
        ("A x1 + x2", "line 1: 'A x1 \\+ x2' has neither =~ nor ~~; write"),
        ("A =~ x1\na == b", "line 2: 'a == b' .* same label"),
        ("A =~ x1\nA ~ B", "line 2: .*regressions and intercepts are not part"),
        ("A =~ x1 + ", "line 1: '' is no item"),
        ("A =~ x 1", "line 1: 'x 1' is no item"),
        ("1A =~ x1", "line 1: '1A' is no name"),
        ("A =~ c(1,2)*x1", "line 1: 'c\\(1,2\\)' before x1 is neither NA, a number nor a label"),
        ("A =~ 1*x1\nA =~ 2*x1", "line 2: A =~ x1 is fixed twice, at 1.0 and 2.0"),
        ("A =~ a*x1 + b*x1", "line 1: A =~ x1 has two labels, a and b"),
        ("A =~ NA*x1 + 1*x1", "line 1: A =~ x1 is both freed and fixed"),
        ("x1 ~~ x2", "the model has no factor"),
        ("A =~ x1\nx1 ~~ x9", "x1 ~~ x9: no factor is measured by x9"),
        ("A =~ x1 + x2\nA ~~ x1", "A ~~ x1: an item's residual cannot vary with a factor"),
        ("A =~ B + x1\nB =~ A + x2", "factor A measures itself"),
    ],
)
def test_a_model_that_cannot_be_read_is_told_why_in_one_line(text, message):
    with pytest.raises(ValueError, match=message) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


def test_lines_go_on_after_and_before_a_plus_and_semicolons_part_them():
    model = parse("A =~ x1 +\n x2\n + x3; B =~ x4 + x5 # rest\nA + B ~~ 0*C\nC =~ x6")
    assert model.items == ("x1", "x2", "x3", "x4", "x5", "x6")
    assert [str(term) for term in model.terms if term.op == "~~"] == ["A ~~ C", "B ~~ C"]


def test_a_covariance_written_both_ways_round_is_one():
    model = parse("A =~ x1 + x2\nx1 ~~ x2\nx2 ~~ 0.3*x1")
    assert [term.value for term in model.terms if term.op == "~~"] == [0.3]


def test_structures_of_scales():
    scales = {"A": ["x1", "x2"], "B": ["x3", "x4"]}
    assert from_scales(scales).factors == ("A", "B")
    assert from_scales(scales, "one").measured_by("general") == ("x1", "x2", "x3", "x4")
    assert from_scales(scales, "second-order").measured_by("general") == ("A", "B")
    assert from_scales(scales, "bifactor").orthogonal
    with pytest.raises(ValueError, match="structure 'circumplex' is unknown"):
        from_scales(scales, "circumplex")
    with pytest.raises(ValueError, match="scales must be at least one"):
        from_scales({"A": []})


@given(st.dictionaries(st.from_regex(r"[A-Z]{1,5}", fullmatch=True), st.integers(1, 6), min_size=1))
def test_any_scales_make_a_model_with_their_factors_and_items(sizes):
    scales = {
        name: [f"i{number}.{k}" for k in range(size)]
        for number, (name, size) in enumerate(sizes.items())
    }
    model = from_scales(scales)
    assert model.factors == tuple(scales)
    assert {factor: list(model.measured_by(factor)) for factor in model.factors} == scales
