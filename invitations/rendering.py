"""Templates in the reader's language: the wizard's page and the invitation's mail say ``_("English")`` and get theirs.

``_`` takes what fills a text's gaps by name. In HTML the text is escaped, and so is what fills it unless it is markup.
"""

import functools
import gettext
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from markupsafe import escape

from shared.languages.catalogs import catalog, translation
from shared.languages.translations import SOURCE, Translation
from shared.names import shown, unlinked

if TYPE_CHECKING:
    from babel.messages import Catalog

FOLDERS = [Path(__file__).parent / name for name in ("page", "templates")]
COUNTS = range(200)  # among these every plural form of a language occurs that an administrator can meet
LONGEST_NAME = 100
# What some language opens or ends a quotation with; within one, single quotes are usual.
QUOTES = dict.fromkeys(map(ord, '"\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\u275d\u275e\u301d\u301e\u301f\uff02'), "'")


@functools.cache
def templates(code: str) -> Environment:
    """The templates in that language."""
    made = Environment(loader=FileSystemLoader(FOLDERS), autoescape=select_autoescape(), undefined=StrictUndefined)
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    made.globals["_"] = _saying(translation(code))
    made.globals["language"] = code
    made.filters["typed"] = typed
    return made


def typed(name: str) -> str:
    """A name as it may stand in quotes in a mail: in one line, no link in any mail program, and it ends no quote."""
    return unlinked(shown(name, LONGEST_NAME).translate(QUOTES))


def _saying(spoken: Translation) -> object:
    @pass_eval_context
    def say(context: EvalContext, message: str, **given: object) -> str:
        text = spoken.say(message)
        return (escape(text) if context.autoescape else text).format(**given)

    return say


type Texts = Mapping[str, str | Mapping[str, str]]


@functools.cache
def script_texts(code: str) -> Texts:
    """What the wizard's scripts say, by its English: a text, or one for each plural category of `Intl.PluralRules`."""
    if code == SOURCE:
        return {}
    found: dict[str, str | Mapping[str, str]] = {}
    spoken = catalog(code)
    for message in spoken:
        is_a_script_s = any(name.endswith(".js") for name, _ in message.locations)
        if message.fuzzy or not is_a_script_s or not message.string or not all(message.string):
            continue
        if isinstance(message.string, str):
            found[str(message.id)] = message.string
        else:
            found[message.id[0]] = _by_category(spoken, tuple(message.string or ()))
    return found


def _by_category(spoken: "Catalog", forms: tuple[str, ...]) -> Mapping[str, str]:
    """Plural forms, which gettext numbers, by the names that CLDR gives them."""
    number_of, category_of = gettext.c2py(spoken.plural_expr), spoken.locale.plural_form
    found = {str(category_of(count)): forms[number_of(count)] for count in COUNTS}
    return {"other": forms[-1], **found}
