"""`folded(text)`: a text as people type it into a search field, whatever the language of the database's server."""

import unicodedata

from django.db import migrations

_OWN = {"æ": "a", "ø": "o", "đ": "d", "ħ": "h", "ł": "l", "ŧ": "t", "œ": "o", "ı": "i"}
_LETTERS = [chr(code) for code in range(0xC0, 0x180) if chr(code).isalpha()]
_PLAIN = {each: _OWN.get(each.lower(), unicodedata.normalize("NFD", each)[0].lower()) for each in _LETTERS}
_MARKED = {each: plain for each, plain in _PLAIN.items() if plain.isascii()}
# Small letters without marks; ß as ss, and ae, oe, ue like the umlauts they stand for (Mueller, Müller and Muller are one
# word); all that is neither letter nor digit is a space. What is folded from the beginning of a word is the beginning of
# what is folded from the word. Other alphabets stay as they are. Whoever changes it makes the indexes on it anew.
FOLDED = f"""
create or replace function folded(words text) returns text language sql immutable parallel safe return
  trim(regexp_replace(
    translate(
      replace(replace(replace(replace(lower(normalize(words)), 'ß', 'ss'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u'),
      '{"".join(_MARKED)}', '{"".join(_MARKED.values())}'
    ),
    '[\\u0001-\\u002f\\u003a-\\u0060\\u007b-\\u00bf\\u2000-\\u206f]+', ' ', 'g'
  ))
"""


class Migration(migrations.Migration):
    dependencies = [
        ('platform', '0004_journal_read_by_people'),
    ]

    operations = [migrations.RunSQL(FOLDED, "drop function folded(text)")]
