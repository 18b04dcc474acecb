"""What the simulated people of the demonstration write: plain sentences, in no real person's words.

Every page that shows them says that its data are simulated.
"""

#: who reads, and the safeguarding route, of the demonstration
ROUTE = {
    "reader": "Kim Vale, a researcher who works for no school of the trust",
    "goes_to": "Lee Marsh, safeguarding lead of the trust; when away, Pat Quill",
    "how": "by telephone, then in writing, word for word",
    "by_when": "the same working day",
}

#: item -> what is written, and whether the writer ticks that it may be quoted
SENTENCES: dict[str, tuple[tuple[str, bool], ...]] = {
    "OPN1": (
        (
            "We saw how another school does it, and had an hour to plan it together.",
            True,
        ),
        (
            "A reading lead came every week for half a term. Without her it would have stopped.",
            True,
        ),
        (
            "They showed us their results and how they got there. We copied the meeting.",
            False,
        ),
        (
            "I cannot think of one. Ideas come in a newsletter, and nobody has time to visit.",
            True,
        ),
        (
            "Time: cover was paid, so that two of us could watch and talk afterwards.",
            True,
        ),
        ("Nothing travelled. What works in one school is told as an order to the next.", False),
        ("Mrs Dawes in Year 4 had tried it before us and answered every question we had.", True),
        ("The phonics plan spread because the teachers who wrote it taught it to us.", False),
    ),
    "OPN2": (
        ("Tests. We test in weeks when nothing new can be learned from it.", True),
        ("Staff time. Let us decide how to use the training days; we know what we need.", True),
        ("The curriculum for history should be common, so that we can plan it together.", False),
        ("None. It is about right as it is.", False),
        ("Budgets: we wait two months for things that a school could buy in a day.", True),
        ("Training should be shared between schools that have the same problem.", True),
    ),
}
