"""The meeting pack: slides for a hall and a handout of two pages, from a finished profile.

Both are made of values that stand in the profile already, suppressed and in words: there is no
other way from measures to them, so they print no figure that the profile does not print.
"""

from reports.meeting_pack.slides import Slide, build_slides
from reports.profile.content import Body, Profile

__all__ = ["MeetingPackError", "Slide", "body_of", "build_slides"]


class MeetingPackError(ValueError):
    """No pack can be made for a meeting; one line says why."""


def body_of(profile: Profile) -> Body:
    """The pages of a profile that shows figures; ``MeetingPackError`` where it shows none."""
    if not isinstance(profile.body, Body):
        raise MeetingPackError(
            "this round's profile may show no figure, so there is nothing to bring to a meeting; "
            "the profile says why"
        )
    return profile.body
