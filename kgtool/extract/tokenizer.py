"""The tokenizer: spaCy's English one, which also splits where LaTeX and missing blanks glue words together."""

from __future__ import annotations

from collections.abc import Callable

from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.util import compile_infix_regex, compile_prefix_regex, registry

_LATEX_COMMAND = r"\\[a-zA-Z]+\{?"
_GLUE = [_LATEX_COMMAND, r"[(){}\[\]$\\^]", r"(?<=[^\W\d_])[/+](?=[^\W\d_])", r"(?<=[\w)])[.,;:](?=[A-Z][a-z])"]


@registry.tokenizers("kgtool_tokenizer.v1")  # type: ignore[untyped-decorator]
def create_tokenizer() -> Callable[[Language], Tokenizer]:
    """The factory that the config's ``[nlp.tokenizer]`` block names."""

    def make(nlp: Language) -> Tokenizer:
        defaults = nlp.Defaults
        base = registry.tokenizers.get("spacy.Tokenizer.v1")()(nlp)
        prefixes = compile_prefix_regex([_LATEX_COMMAND, *(defaults.prefixes or [])])
        infixes = compile_infix_regex([*_GLUE, *(defaults.infixes or [])])
        # spaCy remembers no chunk behind a rule's one in a text, and each of ours has a line's end: blanks need no rule
        rules = {chunk: rule for chunk, rule in defaults.tokenizer_exceptions.items() if not chunk.isspace()}
        return Tokenizer(
            nlp.vocab,
            rules=rules,
            prefix_search=prefixes.search,
            suffix_search=base.suffix_search,
            infix_finditer=infixes.finditer,
            token_match=base.token_match,
            url_match=base.url_match,
        )

    return make
