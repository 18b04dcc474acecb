"""What was done, in words, for each action of the audit log."""

from flask_babel import lazy_gettext as _l

#: action -> what was done
WORDS = {
    # a round
    "begin_round": _l("Began a round"),
    "save_basics": _l("Changed name, window or questions of a round"),
    "save_modules": _l("Changed the optional questions and languages of a round"),
    "save_words": _l("Changed words that questions are filled with"),
    "save_facts": _l("Changed the facts about the organisation"),
    "save_rules": _l("Changed what the rules say of decisions"),
    "save_letters": _l("Changed the letters to staff"),
    "set_ready": _l("Said that the round is ready"),
    "take_back": _l("Took back that the round is ready"),
    "ask_profile_screen": _l("Had the profile made for the screen"),
    "ask_profile": _l("Had the profile made"),
    "ask_validation": _l("Had the validation report made"),
    "ask_staff_page": _l("Had the page for staff made"),
    "download_profile": _l("Downloaded the profile"),
    "download_validation": _l("Downloaded the validation report"),
    "ask_slides": _l("Had the slides made"),
    "ask_handout": _l("Had the handout made"),
    "ask_school_report": _l("Had the report of a school made"),
    "download_slides": _l("Downloaded the slides"),
    "download_handout": _l("Downloaded the handout"),
    "download_school_report": _l("Downloaded the report of a school"),
    "ask_posters": _l("Had the posters made"),
    "ask_slips": _l("Had the slips made"),
    "download_posters": _l("Downloaded the posters"),
    "download_slips": _l("Downloaded the slips"),
    "say_results": _l("Said when staff hear of the results, and from whom"),
    "release_staff_page": _l("Released the page for staff"),
    "close_round": _l("Closed the round"),
    "change_mode": _l("Changed how staff get in"),
    "offer_languages": _l("Changed the languages that staff may choose"),
    "confirm_translation": _l("Confirmed a translation"),
    "make_codes": _l("Made codes for posters"),
    "add_staff_list": _l("Added people to the staff list"),
    "ask_invitation": _l("Had invitations sent to staff"),
    "ask_reminder": _l("Had a reminder sent to staff"),
    "plan_reminders": _l("Planned reminders to staff"),
    "name_unreachable": _l("Named addresses that could not be reached"),
    "try_address_again": _l("Said that an address is right after all"),
    "send_again": _l("Had uncertain messages sent again"),
    "give_consent": _l("Let a researcher see the validation report"),
    "end_consent": _l("Took back the consent to a researcher"),
    # the organisation
    "begin_organisation": _l("Made the organisation and its first account"),
    "save_organisation": _l("Changed what the organisation says of itself"),
    "add_schools": _l("Added schools"),
    "rename_school": _l("Renamed a school"),
    "close_school": _l("Closed a school"),
    "reopen_school": _l("Opened a school again"),
    # accounts
    "invite_account": _l("Invited somebody to an account"),
    "take_back_invitation": _l("Took back an invitation to an account"),
    "send_invitation_again": _l("Had an invitation to an account sent again"),
    "accept_invitation": _l("Took up the invitation to an account"),
    "change_role": _l("Changed a role"),
    "switch_off_account": _l("Switched an account off"),
    "switch_on_account": _l("Switched an account on again"),
    "send_password_link": _l("Had a link for a new password sent"),
    "change_password": _l("Chose a new password"),
    "set_up_second_step": _l("Set up a second step for signing in"),
    "take_second_step_away": _l("Took the second step for signing in away"),
    "reset_second_step": _l("Reset the second step of an account"),
    "make_recovery_codes": _l("Made recovery codes"),
    "use_recovery_code": _l("Signed in with a recovery code"),
    "hold_up_sign_in": _l("Held up sign-in after several wrong tries"),
    "download_audit_log": _l("Downloaded the audit log"),
}


def in_words(action: str) -> str:
    """An action in words; one that this version of the program does not know, by its name."""
    return str(WORDS.get(action, action.replace("_", " ").capitalize()))
