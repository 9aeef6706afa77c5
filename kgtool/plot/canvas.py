"""matplotlib as pictures need it: no global state, settings of our own, the same bytes for the same picture."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from kgtool.errors import KgtoolError
from kgtool.plot import style
from kgtool.plot.text import REPLACEMENT

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

DPI = 150
_WIDE = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Noto Sans JP", "Source Han Sans SC", "Source Han Sans CN",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "PingFang SC", "Hiragino Sans GB",
    "Hiragino Sans", "Microsoft YaHei", "SimHei", "Yu Gothic", "Malgun Gothic", "Apple SD Gothic Neo",
    "Arial Unicode MS", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Emoji",
    "Segoe UI Symbol", "Noto Sans Symbols2",
)  # fmt: skip
"""Fonts that have what DejaVu Sans (which comes with matplotlib) lacks, for those who have them installed."""


class MissingExtra(KgtoolError):
    """matplotlib is not installed."""


def require() -> None:
    """Raises `MissingExtra` where matplotlib is not installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtra("PNG and SVG need matplotlib: pip install 'kgtool[plot]' (HTML works without it)") from error


@contextmanager
def settings() -> Iterator[None]:
    """Matplotlib's own defaults with ours above them, whatever the user's matplotlibrc says.

    Raises `MissingExtra` where matplotlib is not installed.
    """
    require()
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        # A viewer of the SVG brings its own fonts; in a PNG what no font has is replaced.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "font.family": families(),
                "font.size": 9,
                "text.parse_math": False,
                "text.color": style.INK,
                "axes.edgecolor": style.RULE,
                "axes.labelcolor": style.SOFT,
                "xtick.color": style.SOFT,
                "ytick.color": style.SOFT,
                "svg.hashsalt": "kgtool",
                "svg.fonttype": "none",
                "path.simplify": False,
            }
        )
        yield


@lru_cache(maxsize=1)
def families() -> list[str]:
    """The fonts to take glyphs from, in this order, of those that are installed."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in _WIDE if name in installed), "sans-serif"]


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    """The code points that the fonts have."""
    from matplotlib import font_manager

    found: set[int] = set()
    for family in families():
        path = font_manager.findfont(font_manager.FontProperties(family=[family]))
        found |= font_manager.get_font(path).get_charmap().keys()
    return frozenset(found)


def missing(figure: Figure) -> str:
    """The characters of the figure's texts that no installed font has."""
    known = _glyphs()
    return "".join(
        sorted({char for text in _texts(figure) for char in text.get_text() if ord(char) not in known} - {"\n"})
    )


def _texts(figure: Figure) -> list[Text]:
    from matplotlib.text import Text

    return [found for found in figure.findobj(Text) if isinstance(found, Text)]


@contextmanager
def _drawable(figure: Figure) -> Iterator[None]:
    """While in the block, what no font has is a sign in its place, and not an empty box each."""
    lacking = missing(figure)
    table = str.maketrans(dict.fromkeys(lacking, REPLACEMENT))
    texts = [
        (text, text.get_text()) for text in _texts(figure) if lacking and not set(lacking).isdisjoint(text.get_text())
    ]
    try:
        for text, said in texts:
            text.set_text(said.translate(table))
        yield
    finally:
        for text, said in texts:
            text.set_text(said)


def to_bytes(figure: Figure, format_: str) -> bytes:
    """The figure as a file of the format ``png`` or ``svg``; there is no date and no version in it.

    In an SVG texts stay texts, so that they can be searched and edited.
    """
    buffer = io.BytesIO()
    with settings():
        if format_ == "svg":
            figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": "kgtool"})
        else:
            with _drawable(figure):
                figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": "kgtool"})
    return buffer.getvalue()
