"""The tables. Import models from here."""

from survey.models.account import Account, AccountLetter, AccountRole, Consent
from survey.models.audit import AuditEntry
from survey.models.bounce import Bounce
from survey.models.entry import EntryCode, GuessCount, Invitation, Mailing, Message
from survey.models.open_answer import OpenAnswer, OpenAnswerTheme, OpenDesk, Theme
from survey.models.organisation import Organisation, School
from survey.models.release import Release
from survey.models.reminder import PlannedReminder
from survey.models.report import Report, Worker
from survey.models.response import Draft, Response
from survey.models.roster import RosterMemory, RosterUpload
from survey.models.round import RosterRow, Round

__all__ = [
    "Account",
    "AccountLetter",
    "AccountRole",
    "AuditEntry",
    "Bounce",
    "Consent",
    "Draft",
    "EntryCode",
    "GuessCount",
    "Invitation",
    "Mailing",
    "Message",
    "OpenAnswer",
    "OpenAnswerTheme",
    "OpenDesk",
    "Organisation",
    "PlannedReminder",
    "Release",
    "Report",
    "Response",
    "RosterMemory",
    "RosterRow",
    "RosterUpload",
    "Round",
    "School",
    "Theme",
    "Worker",
]
