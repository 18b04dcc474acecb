"""What the application does, on an SQLAlchemy session and without Flask.

Services flush and never commit: views, commands and jobs commit once, at the edge. Where a change
rests on what was read before it, the edge calls ``survey.database.begin_writing`` first.
"""
