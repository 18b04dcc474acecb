"""What every part of a profile is built from, and the words for who was asked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from instruments.definition import Disclosure, Instrument, Words
from instruments.measures import Measures, Turnout
from reports.disclosure import Withheld, people
from reports.profile.content import AxisWord
from reports.profile.figures import designed_group, lived_group
from reports.round_facts import RoundFacts
from reports.words import listed, lower_first, upper_first

TABLE_FOLLOWS = "The table after this picture gives all values."


@dataclass(frozen=True, slots=True)
class Context:
    """One round's instrument, measures and facts, with its words and floors at hand."""

    instrument: Instrument
    measures: Measures
    facts: RoundFacts
    words: Words
    floors: Disclosure

    @property
    def lived(self) -> str:
        """The informant group drawn solid."""
        return lived_group(self.instrument)

    @property
    def designed(self) -> str:
        """The informant group drawn hollow; an empty string where there is none."""
        return designed_group(self.instrument) or ""

    @property
    def trial(self) -> str:
        """The word that stands at every figure of an instrument not yet supported."""
        return "trial" if self.instrument.evidence.stage < 2 else ""

    def say(self, sentence: str) -> str:
        """One of our own sentences, with the country's word for an organisation filled in."""
        names = {"organisation": "organisation", "organisations": "organisations"}
        return sentence.format_map(
            {name: self.words.fills.get(name, word) for name, word in names.items()}
        )

    def group_name(self, group: str) -> str:
        """What a group's mark is called: "lived"."""
        return self._group_text(group, "name", group)

    def group_who(self, group: str) -> str:
        """Who the group are, in a sentence: "people in schools"."""
        return self._group_text(group, "who", "everybody")

    def group_mark(self, group: str) -> str:
        """Who the group are, in one word at a mark: "schools"."""
        return self._group_text(group, "mark", group)

    def _group_text(self, group: str, key: str, default: str) -> str:
        text = self.words.text.groups.get(group, {}).get(key)
        return self.words.fill(text) if text else default

    def turnout(self, group: str) -> Turnout:
        """Who answered of one informant group; of everybody where the group is not known."""
        return self.measures.by_group.get(group, self.measures.turnout)

    def group_key(self, group: str) -> str:
        """A key to a mark: "lived: schools, n 100+"."""
        if not group:
            return ""
        n = people(self.turnout(group).n, floor=self.floors.group_n)
        if isinstance(n, Withheld):
            return f"{self.group_name(group)}: {n.reason.replace(': ', ', ')}"
        return f"{self.group_name(group)}: {self.group_mark(group)}, n {n}"

    def role_name(self, role: str) -> str:
        """A role in the middle of a sentence."""
        texts = self.words.text.roles.get(role, {})
        return lower_first(self.words.fill(texts.get("short", texts.get("name", role))))

    def asked(self, roles: Sequence[str]) -> str:
        """Who was asked: "all staff", or the roles and groups that were."""
        if not roles or set(roles) >= set(self.instrument.roles):
            return "all staff"
        names, left = [], set(roles)
        for group, members in self.instrument.groups.items():
            asked = [role for role in members if role in left]
            if asked and len(asked) == len(members):
                names.append(self.group_who(group))
            else:
                names += [self.role_name(role) for role in asked]
            left -= set(asked)
        names += [self.role_name(role) for role in roles if role in left]
        return listed(names)

    def asked_roles(self, item: str) -> tuple[str, ...]:
        """The roles that are asked an item."""
        return self.instrument.roles_of(item)

    def shown_to(self, items: Sequence[str], group: str) -> int:
        """To how many people of a group at least one of the items was shown, at the least."""
        found = (self.measures.items[item] for item in items if item in self.measures.items)
        shown = [each.distributions[group].shown for each in found if group in each.distributions]
        return max(shown, default=0)

    def scale_name(self, scale: str) -> str:
        """A scale's name."""
        texts = self.words.text.scales[scale]
        return self.words.fill(texts["name"])

    def scale_short(self, scale: str) -> str:
        """A scale's short name."""
        texts = self.words.text.scales[scale]
        return self.words.fill(texts.get("short", texts["name"]))

    def decision_text(self, decision: str, key: str) -> str:
        """A decision's name, short or shorter; the next longer where there is none."""
        texts = self.words.text.decisions[decision]
        order = {"shorter": ("shorter", "short", "name"), "short": ("short", "name")}
        found = next(texts[each] for each in order.get(key, (key,)) if each in texts)
        return self.words.fill(found)

    def stop_names(self) -> dict[int, str]:
        """Stop -> name, in order."""
        position = self.instrument.position
        if position is None:
            return {}
        options = self.instrument.response_scales[position.response].options
        return {stop: self.words.fill(self.words.text.stops[stop]) for stop in options}

    def stop_words(self) -> tuple[AxisWord, ...]:
        """The stops' names, each at its place."""
        return tuple(AxisWord(stop, name) for stop, name in self.stop_names().items())

    def usual_response(self, items: Sequence[str]) -> str:
        """The response scale that most of these items use: its words stand on the axis."""
        counts = Counter(self.instrument.item(item).response for item in items)
        return counts.most_common(1)[0][0]

    def axis_words(self, response: str) -> tuple[AxisWord, ...]:
        """Words at the ends and the middle of an axis."""
        options = self.instrument.response_scales[response].options
        at = [options[0], options[-1]]
        if len(options) % 2 and len(options) > 2:
            at.insert(1, options[len(options) // 2])
        return tuple(AxisWord(option, self.words.option(response, option)) for option in at)

    def not_shown(self, group: str) -> str:
        """The sentence where a whole group's view is withheld."""
        who = self.group_who(group)
        floor = self.floors.group_n
        where = f"people at {who} " if who.startswith("the ") else ""
        return (
            f"{upper_first(who)}'s view is not shown: fewer than {floor} {where}answered."
            if where
            else f"The view of {who} is not shown: fewer than {floor} answered."
        )


def axis_sentence(words: Sequence[AxisWord]) -> str:
    """An axis in words, for the text that stands for a picture."""
    texts = [lower_first(word.text) for word in words]
    between = f" over {listed(texts[1:-1])}" if len(texts) > 2 else ""
    return f"The axis runs from {texts[0]}{between} to {texts[-1]}."
