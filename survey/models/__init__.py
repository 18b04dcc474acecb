"""The tables. Import models from here."""

from survey.models.account import Account, AccountRole
from survey.models.audit import AuditEntry
from survey.models.entry import EntryCode, GuessCount, Invitation, Mailing, Message
from survey.models.organisation import Organisation, School
from survey.models.report import Report, Worker
from survey.models.response import Draft, Response
from survey.models.roster import RosterMemory, RosterUpload
from survey.models.round import RosterRow, Round

__all__ = [
    "Account",
    "AccountRole",
    "AuditEntry",
    "Draft",
    "EntryCode",
    "GuessCount",
    "Invitation",
    "Mailing",
    "Message",
    "Organisation",
    "Report",
    "Response",
    "RosterMemory",
    "RosterRow",
    "RosterUpload",
    "Round",
    "School",
    "Worker",
]
