"""What the tests of mail share: confidential rounds with people to invite, and a mail server."""

import email
import email.policy
import re
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from instruments.roster import Roster, RosterRow
from survey.models import Invitation, Mailing, Round
from survey.services import drafts, invitations
from tests.survey.respond_kit import begin, fill, make_round

LINK = re.compile(r"https?://\S+/i/([0-9a-z]+)")


def invited_round(session, *, now, people, **changes):
    """A confidential round with people on its staff list, all of one role in one school."""
    roster = Roster((RosterRow("Ashdown Primary", "T", max(people + 5, 12)),))
    round_ = make_round(session, now=now, mode="confidential", roster=roster, **changes)
    add_people(session, round_, [f"t{n}@ashdown.example" for n in range(people)], now=now)
    session.commit()
    return round_


def add_people(session, round_, addresses, *, now):
    text = "email,role,school\n" + "".join(f"{each},T,Ashdown Primary\n" for each in addresses)
    invitations.add(session, round_, text.encode(), name="staff.csv", by=None, now=now)


def answer_all_but_one(session, round_, *, now):
    invited = session.scalars(sa.select(Invitation.invitation_id)).all()
    for number, invitation_id in enumerate(invited[1:]):
        begun = begin(session, round_, now=now, role="T", invitation_id=invitation_id)
        draft = begun.draft
        fill(session, round_, draft, now=now, pick=number)
        drafts.send(session, round_, draft, now=now)


def round_of(session, mailing):
    return session.get_one(Round, session.get_one(Mailing, mailing.mailing_id).round_id)


def parse(content: bytes):
    return email.message_from_bytes(content, policy=email.policy.default)


def addresses_in(folder):
    """Whom the messages of a mail folder are for, in no order."""
    return sorted(parse(path.read_bytes())["To"] for path in folder.glob("*.eml"))


@dataclass
class Server:
    """A real SMTP server: takes what it is given, refuses whom it is told to."""

    #: address -> the reply to "RCPT TO"
    refusals: dict[str, str] = field(default_factory=dict)
    #: whom it took a message for, and its bytes
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    #: connections so far
    connections: int = 0
    port: int = 0

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server, session, envelope):
        self.taken += [(address, envelope.content) for address in envelope.rcpt_tos]
        return "250 taken"


@contextmanager
def serving(handler, *, host="127.0.0.1", port=0, **options):
    """Serve ``handler`` until the end of the block; ``handler.port`` says where."""

    class Quiet(Controller):
        def factory(self):
            return SMTP(self.handler, **self.SMTP_kwargs)

    if not port:
        with socket.socket() as probe:
            probe.bind((host, 0))
            port = probe.getsockname()[1]
    controller = Quiet(handler, hostname=host, port=port, **options)
    controller.start()
    handler.port = port
    try:
        yield handler
    finally:
        controller.stop()
