"""Made-up personal data, and what only looks like it, for the gold set of `pii_gold.py`.

Every value is built from the public specification of its kind, which the function that builds it
names; nothing here knows how sapwood finds them. A value is a `Value`: what the text says, what the
label says of it, and where the label lies in it.
"""
