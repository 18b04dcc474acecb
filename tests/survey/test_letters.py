"""The letter to staff and the privacy notice."""

import pytest
import sqlalchemy as sa

from survey import i18n, letters
from survey.models import Round
from survey.promise import PROMISES
from survey.promised import filled
from survey.services import lettering
from survey.services.saving import NotSavedError
from tests.survey import rooms
from tests.survey import setup_kit as kit
from tests.survey.respond_kit import Page, check_page

SAID = {name: f"what is said of {name}" for name in lettering.FACTS}
LINK = "https://survey.example/r/abc"


@pytest.fixture
def round_(session, now):
    return kit.begin(session, kit.organisation(session, now), now)


def save(session, round_, said, now):
    lettering.save(session, round_, said, revision=round_.revision, by=None, now=now)


@pytest.fixture
def speaking(app):
    with app.app_context(), i18n.speaking("en-GB"):
        yield


@pytest.mark.parametrize("mode", sorted(PROMISES))
@pytest.mark.parametrize("code", sorted(letters.LETTERS))
def test_a_letter_says_what_the_promise_says(speaking, round_, mode, code):
    round_.mode = mode
    text = letters.as_text(letters.LETTERS[code][1](round_, LINK))
    promise = filled(round_)
    told = {
        "information": [
            promise["opening"],
            *promise["sees"],
            *promise["never_sees"],
            *promise["limits"],
        ],
        "privacy": [
            *(text for pair in promise["kept"] for text in pair),
            *(each["who"] for each in promise["onlookers"]),
            *(text for each in promise["onlookers"] for text in each["while_open"]),
            *(text for each in promise["onlookers"] for text in each["after_close"]),
        ],
    }
    plain = " ".join(text.split())
    assert [each for each in told[code] if str(each.striptags()) not in plain] == []


def test_a_letter_says_when_how_long_and_how(speaking, round_):
    text = letters.as_text(letters.information(round_, LINK))
    assert "From 1 June 2026, 08:00 (London time) until 19 June 2026, 17:00 (London time)" in text
    assert f"Everybody uses the same link: {LINK}." in text
    round_.mode = "confidential"
    text = letters.as_text(letters.information(round_, LINK))
    assert LINK not in text
    assert "You are sent a link of your own by e-mail." in text


def test_what_is_not_said_is_a_gap_and_what_is_said_stands_in_its_place(
    session, speaking, round_, now
):
    information, privacy = (letters.LETTERS[code][1] for code in ("information", "privacy"))
    assert len(information(round_, LINK).gaps) == 2
    assert len(privacy(round_, LINK).gaps) == 4
    assert "[To fill in: who signs the letter]" in letters.as_text(information(round_, LINK))
    save(session, round_, SAID, now)
    written = [information(round_, LINK), privacy(round_, LINK)]
    assert [letter.gaps for letter in written] == [(), ()]
    text = "".join(map(letters.as_text, written))
    assert [said for said in SAID.values() if said not in text] == []


@pytest.mark.parametrize("text", ["x" * 601, "{controller}", "bell\x07"])
def test_what_cannot_stand_in_a_letter_is_refused(session, round_, now, text):
    with pytest.raises(NotSavedError):
        save(session, round_, {**SAID, "basis": text}, now)
    assert round_.letters == {}


@pytest.fixture
def leader(app, client):
    with rooms.store(app) as session:
        kit.begin(session, kit.organisation(session, rooms.NOW), rooms.NOW, **kit.opens_soon())
    rooms.sign_in(client, kit.LEADER)
    return client


@pytest.fixture
def base(app, leader):
    with rooms.store(app) as session:
        return f"/lead/rounds/{session.scalars(sa.select(Round.round_id)).one()}"


def get(leader, path):
    reply = leader.get(path)
    assert reply.status_code == 200, path
    check_page(Page(200, path, reply.text, dict(reply.headers)))
    return reply


def test_letters_are_filled_in_shown_and_downloaded(leader, base):
    page = get(leader, f"{base}/setup/letters")
    assert "Still to say: whom staff can ask about this survey" in rooms.words(page)
    form = {**rooms.form(page), **SAID, "controller": "Trust <b>Ltd</b>, 1 Quay"}
    assert leader.post(f"{base}/setup/letters", data=form).status_code == 303
    shown = get(leader, f"{base}/letters/privacy")
    assert "Trust &lt;b&gt;Ltd&lt;/b&gt;, 1 Quay" in shown.text
    assert "Still to say" not in shown.text
    text = leader.get(f"{base}/letters/privacy.txt")
    assert text.mimetype == "text/plain"
    assert text.headers["Content-Disposition"].endswith('filename="harbour_reach_may_privacy.txt"')
    assert "Trust <b>Ltd</b>, 1 Quay" in text.text
    assert "&" not in text.text
    assert leader.get(f"{base}/letters/love").status_code == 404


def test_a_letter_comes_in_each_language_that_is_offered(app, leader, base):
    with rooms.store(app) as session:
        session.scalars(sa.select(Round)).one().locales = ["en-GB", "en-US"]
    shown = get(leader, f"{base}/letters/information?language=en-US")
    assert '<article class="letter" lang="en-US"' in shown.text
    assert "June 1," in shown.text
    assert 'lang="en-GB"' in get(leader, f"{base}/letters/information?language=xx").text
