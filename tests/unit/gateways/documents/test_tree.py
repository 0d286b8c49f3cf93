"""The tree of a text: what its documents are made from."""

from __future__ import annotations

from reviewflow.gateways.documents.tree import Node, Passage, Text, read_rationale, read_text, read_words


def p(*children: Node | str) -> Node:
    return Node("p", children)


def test_numbered_paragraphs_keep_their_authors_numbers() -> None:
    text = read_text("It is recommended:\n\n3. First.\n\n   More.\n\n7. Second.\n\n- loose")
    assert text.passages == (
        Passage("p-block-1", "", (p("It is recommended:"),)),
        Passage("p3", "3", (p("First."), p("More."))),
        Passage("p7", "7", (p("Second."),)),
        Passage("p-block-4", "•", (p("loose"),)),
    )


def test_unnumbered_text_is_numbered_as_on_the_page() -> None:
    assert [(passage.id, passage.mark) for passage in read_text("One.\n\nTwo.").passages] == [
        ("p1", "1"),
        ("p2", "2"),
    ]
    with_headings = "# A\n\nOne.[^n]\n\n## B\n\n- two\n\nThree.\n\n[^n]: Note."
    assert [(passage.id, passage.mark) for passage in read_text(with_headings).passages] == [
        ("p-block-1", ""),
        ("p1", "1"),
        ("p-block-3", ""),
        ("p2", "2"),
        ("p3", "3"),
    ]


def test_rationale_has_marks_and_no_numbers_to_cite() -> None:
    marks = [passage.mark for passage in read_rationale("Why.\n\n1. So.\n\n- And so.").passages]
    assert marks == ["", "1.", "•"]


def test_footnotes_leave_the_flow_and_keep_the_numbers_of_the_page() -> None:
    text = read_text("1. See[^b] and[^a].\n\n[^a]: Of a.\n\n[^b]: Of b, see[^a].\n\n[^c]: Of nothing.")
    assert text.passages == (
        Passage(
            "p1",
            "1",
            (p("See", Node("note", (), {"number": "2"}), " and", Node("note", (), {"number": "1"}), "."),),
        ),
        Passage("p-block-4", "", (p(Node("sup", ("3",)), " Of nothing."),)),
    )
    assert text.notes == {"1": (p("Of a."),), "2": (p("Of b, see", Node("sup", ("1",)), "."),)}


def test_note_that_refers_to_itself_ends() -> None:
    assert read_text("1. See[^a].\n\n[^a]: Again[^a].").notes == {
        "1": (p("Again", Node("sup", ("1",)), "."),)
    }


def test_note_that_only_a_note_refers_to_stays_in_the_flow() -> None:
    text = read_text("1. See[^a].\n\n[^a]: See[^b].\n\n[^b]: Of b.")
    assert text.passages[1:] == (Passage("p-block-3", "", (p(Node("sup", ("2",)), " Of b."),)),)
    assert list(text.notes) == ["1"]


def test_reference_to_no_note_is_words() -> None:
    text = read_text("1. See[^x].")
    assert [node.text() for node in text.passages[0].nodes] == ["See[^x]."]
    assert text.notes == {}


def test_levels_of_headings_have_no_gaps_and_begin_at_one() -> None:
    text = read_text("### Deep\n\n# High\n\n#### Below\n\n###### Lowest\n\n## Back\n\n## Again")
    levels = [node.attributes["level"] for passage in text.passages for node in passage.nodes]
    assert levels == ["1", "1", "2", "3", "2", "2"]


def test_heading_within_a_quotation_is_bold() -> None:
    (passage,) = read_rationale("> # Title\n>\n> Words").passages
    assert passage.nodes == (Node("blockquote", (p(Node("strong", ("Title",))), p("Words"))),)


def test_lists_hold_paragraphs_also_where_html_has_words() -> None:
    (passage,) = read_text("1. One\n   - two\n\n     3. three").passages
    inner = Node("ol", (Node("li", (p("three"),)),), {"start": "3"})
    assert passage.nodes == (p("One"), Node("ul", (Node("li", (p("two"), inner)),)))


def test_table_keeps_its_sides_and_code_its_lines() -> None:
    text = read_rationale("| A | B |\n|:-:|--:|\n| 1 | `x` |\n\n```\na <b\n  c\n```")
    (table,), (code,) = (passage.nodes for passage in text.passages)
    centre, right = {"align": "center"}, {"align": "right"}
    assert table == Node(
        "table",
        (
            Node("tr", (Node("th", ("A",), centre), Node("th", ("B",), right))),
            Node("tr", (Node("td", ("1",), centre), Node("td", (Node("code", ("x",)),), right))),
        ),
    )
    assert code == Node("pre", ("a <b\n  c",))


def test_brackets_are_words_without_hidden_labels() -> None:
    (passage,) = read_text("1. By [May / June].").passages
    assert passage.nodes[0].text() == "By [May / June]."


def test_markup_that_was_typed_is_words() -> None:
    (passage,) = read_text("1. <script>x</script> &amp; <b>").passages
    assert passage.nodes == (p("<script>x</script> & <b>"),)


def test_words_keep_paragraphs_and_lines_and_are_no_markdown() -> None:
    assert read_words("*One*\ntwo\n\n1. three") == Text(
        (
            Passage("", "", (p("*One*", Node("br"), "two"),)),
            Passage("", "", (p("1. three"),)),
        )
    )
