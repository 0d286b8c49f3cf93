"""Sentences in templates: translated for whoever reads, with their values escaped."""

from gettext import NullTranslations

from jinja2 import Environment, select_autoescape

from reviewflow.gateways import translations


class Capitals(NullTranslations):
    """A language that everybody can check."""

    def gettext(self, message: str) -> str:
        return message.upper().replace("%(NAME)S", "%(name)s")

    def ngettext(self, singular: str, plural: str, num: int) -> str:
        return self.gettext(singular if num == 1 else plural).replace("%(NUM)D", "%(num)d")


def rendered(template: str, *languages: NullTranslations, html: bool = True, **values: object) -> list[str]:
    """What a template says in each of the languages, one environment for all."""
    reader: list[NullTranslations] = []
    environment = Environment(autoescape=select_autoescape(default_for_string=html))
    translations.install(environment, lambda: reader[-1])
    made = environment.from_string(template)
    said = []
    for language in languages:
        reader.append(language)
        said.append(made.render(**values))
    return said


def test_every_reader_gets_their_own_language_from_one_template():
    english, capitals = NullTranslations(), Capitals()
    assert rendered('{{ _("agreed") }}', english, capitals, english) == ["agreed", "AGREED", "agreed"]


def test_values_are_escaped_and_sentences_are_not():
    template = '{{ _("<b>%(name)s</b> & others", name=name) }} {% trans name %}by {{ name }}{% endtrans %}'
    assert rendered(template, NullTranslations(), name="<Aliya>") == [
        "<b>&lt;Aliya&gt;</b> & others by &lt;Aliya&gt;"
    ]


def test_a_mail_is_not_html():
    assert rendered(
        '{{ _("%(name)s & others", name=name) }}', NullTranslations(), html=False, name="<A>"
    ) == ["<A> & others"]


def test_a_per_cent_sign_is_written_twice_with_values_and_without():
    template = '{{ _("100 %% of it") }}, {{ _("%(name)s of 100 %%", name="5") }}'
    assert rendered(template, NullTranslations()) == ["100 % of it, 5 of 100 %"]


def test_numbers_choose_their_form():
    template = '{{ ngettext("%(num)d text", "%(num)d texts", count) }}'
    assert [rendered(template, Capitals(), count=count) for count in (1, 2)] == [["1 TEXT"], ["2 TEXTS"]]
