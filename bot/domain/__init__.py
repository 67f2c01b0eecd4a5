"""The moderation core: pure values and rules, one file a term.

Nothing here knows a platform, Redis, SQL or a model, and nothing reads a clock: the time
is always an argument, an aware `datetime` in UTC.
"""
