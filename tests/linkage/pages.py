"""What a colleague and the round's leader see: every page that either can open."""

import re

from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.linkage.filling import LEADER, PASSWORD
from tests.linkage.phone import CSRF, Phone
from tests.linkage.world import Person, World

Pages = dict[str, str]
COLLEAGUE, LEADING = "a colleague", "the organisation's leader"


def all_seen(world: World) -> dict[str, Pages]:
    """Onlooker -> address -> what stands there, without what is drawn anew for each visit."""
    colleague, leader = world.app.test_client(), world.app.test_client()
    token = CSRF.search(leader.get("/sign-in").text)
    form = {"email": LEADER, "password": PASSWORD, "csrf_token": token[1] if token else ""}
    assert leader.post("/sign-in", data=form).status_code == 302
    return {COLLEAGUE: _all(world, colleague), LEADING: _all(world, leader)}


def _all(world: World, client: FlaskClient) -> Pages:
    return {address: _plain(client, address) for address in addresses(world)}


def addresses(world: World) -> list[str]:
    """Every page of the program that this round has: one that is added tomorrow is among them."""
    values = {"round_id": world.round_id, "link": world.link, "section": "role", "kind": "slips"}
    with world.app.test_request_context():
        adapter = world.app.url_map.bind("")
        return sorted(
            adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})
            for rule in world.app.url_map.iter_rules()
            if _is_page(rule) and rule.arguments <= values.keys()
        )


def _is_page(rule: Rule) -> bool:
    return "GET" in (rule.methods or ()) and rule.endpoint not in ("static", "security.logout")


def _plain(client: FlaskClient, address: str) -> str:
    response = client.get(address)
    text = CSRF.sub("", response.text) if response.mimetype == "text/html" else ""
    return f"{response.status_code} {text}"


def by_their_link(world: World, person: Person, *, words: str = "") -> Pages:
    """What somebody sees who opens a person's link on a device of their own."""
    phone = Phone(world.app, world.link)
    assert phone.open(f"/i/{person.token}").status_code == 303
    if words:
        phone.client.set_cookie("resume_words", words, path=phone.base)
    sections = sorted(section.code for section in world.instrument.sections)
    paths = ["", "/go", "/you", "/review", "/thanks", *(f"/s/{code}" for code in sections)]
    return {path: phone.get(path).text for path in paths}


def chosen_in(found: Pages) -> list[str]:
    """The options that pages show as chosen."""
    chosen = re.compile(r"<(?:input|option)[^>]*\s(?:checked|selected)\b[^>]*>")
    return [option for page in found.values() for option in chosen.findall(page)]
