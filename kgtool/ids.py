"""The only place where names become keys, ids and IRIs."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import quote, unquote

BASE = "https://w3id.org/kgtool/"

_DASHES = re.compile(r"[-\u2010-\u2015\u2212_/\s]+")
_LATEX_COMMAND = re.compile(r"\\(?:text(?:sc|tt|bf|it|rm|sf)|math(?:rm|bf|sf|tt|it)|emph|ensuremath)\b\s*")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_ARXIV_NEW = r"\d{4}\.\d{4,5}"
_ARXIV_OLD = r"[a-z-]+(?:\.[A-Z]{2})?/\d{7}"
_ARXIV_IN_URL = re.compile(
    rf"(?:arxiv\.org/(?:abs|pdf|html|format)/|huggingface\.co/papers/|papers\.cool/arxiv/|/papers/|arxiv:)\s*"
    rf"({_ARXIV_NEW}|{_ARXIV_OLD})(?:v\d+)?",
    re.I,
)
_ARXIV_BARE = re.compile(rf"^\s*(?:arxiv:)?({_ARXIV_NEW}|{_ARXIV_OLD})(?:v\d+)?\s*$", re.I)
_DOI = re.compile(r"\b(10\.\d{4,9}/[^\s\"<>]+)", re.I)


def content_hash(*parts: str) -> str:
    """SHA-256 over the parts, each ended by a unit separator, in hexadecimal (64 digits)."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass"))
        digest.update(b"\x1f")
    return digest.hexdigest()


def fold(text: str) -> str:
    """White space folded to single blanks, Unicode composed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def strip_accents(text: str) -> str:
    """Letters without their combining marks (`é` becomes `e`); letters of other scripts stay."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def title_key(title: str) -> str:
    """A title without case, accents, LaTeX and punctuation: equal for the variants of one title."""
    text = _LATEX_COMMAND.sub("", strip_accents(title).casefold())
    words = re.findall(r"[^\W_]+(?:[+#*]+)?", text)
    return " ".join(words)


def author_key(name: str) -> str:
    """A name without case, accents and dots: `Lin F. Yang` and `lin f yang` are one author."""
    text = strip_accents(name).casefold().replace(".", " ")
    return " ".join(_DASHES.sub(" ", text).split())


def slug(name: str) -> str:
    """The name in lower-case ASCII with hyphens.

    Where that loses a sign or a letter that tells things apart (`UNet++`, `β-VAE`), a short hash of the name
    stands behind it.

    >>> slug("Graph Neural Networks"), slug("GPT-3.5")
    ('graph-neural-networks', 'gpt-3-5')
    >>> slug("UNet++") == slug("UNet")
    False
    """
    text = strip_accents(name).casefold().strip()
    plain = _NOT_SLUG.sub("-", text).strip("-")
    harmless = re.sub(r"(?<=\d)\.(?=\d)|['’,:()]", " ", _DASHES.sub(" ", text))
    if plain and not re.search(r"[^a-z0-9 ]", harmless):
        return plain
    tail = content_hash(" ".join(_DASHES.sub(" ", text).split()))[:6]
    return f"{plain}-{tail}" if plain else tail


def find_arxiv_id(text: str) -> str | None:
    """The arXiv identifier (without version) in a URL, an `arXiv:…` reference or standing alone.

    >>> find_arxiv_id("https://arxiv.org/pdf/2601.04476v2"), find_arxiv_id("version 1234.56789")
    ('2601.04476', None)
    """
    match = _ARXIV_IN_URL.search(text) or _ARXIV_BARE.match(text)
    return match[1] if match else None


def arxiv_month(arxiv_id: str) -> str | None:
    """The month that an arXiv identifier holds, as ``YYYY-MM`` (arxiv.org/help/arxiv_identifier)."""
    match = re.match(r"(?:[a-z-]+(?:\.[A-Z]{2})?/)?(\d{2})(\d{2})", arxiv_id, re.I)
    if not match or not 1 <= int(match[2]) <= 12:
        return None
    century = "19" if "/" in arxiv_id and int(match[1]) > 90 else "20"
    return f"{century}{match[1]}-{match[2]}"


def find_doi(text: str) -> str | None:
    """The first DOI in the text, in lower case, without the punctuation of the sentence around it."""
    match = _DOI.search(unquote(text))
    return match[1].rstrip(".,;:)]}").lower() if match else None


def paper_id(title: str, arxiv_id: str | None = None, doi: str | None = None) -> str:
    """`arxiv:…`, else `doi:…`, else `title:` and a hash of the normalised title."""
    if arxiv_id:
        return f"arxiv:{arxiv_id}"
    if doi:
        return f"doi:{doi.lower()}"
    return f"title:{content_hash(title_key(title))[:16]}"


def author_id(name: str) -> str:
    """`author:` and the slug of the name."""
    return f"author:{slug(name.replace('.', ' '))}"


def entity_id(type_: str, name: str) -> str:
    """`method:`, `dataset:` or `task:` and the slug of the name."""
    return f"{type_.lower()}:{slug(name)}"


def category_id(name: str) -> str:
    """`category:` and the category's name as it is: `category:cs.LG`."""
    return f"category:{name}"


def iri(node_id: str, base: str = BASE) -> str:
    """The base, then the id with its first colon made a slash, percent-encoded.

    >>> iri("method:lora"), iri("category:Machine Learning, 50%")
    ('https://w3id.org/kgtool/method/lora', 'https://w3id.org/kgtool/category/Machine%20Learning%2C%2050%25')
    """
    kind, _, rest = node_id.partition(":")
    return f"{base}{quote(kind, safe='')}/{quote(rest, safe='/')}"


def from_iri(address: str, base: str = BASE) -> str | None:
    """The id that `iri` made this address of; None for another's address."""
    if not address.startswith(base):
        return None
    kind, slash, rest = address[len(base) :].partition("/")
    return f"{unquote(kind)}:{unquote(rest)}" if slash else None
