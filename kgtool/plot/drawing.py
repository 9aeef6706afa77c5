"""From a picture to a file: as PNG or SVG by matplotlib, as one interactive HTML page without it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kgtool.errors import InputError
from kgtool.plot import canvas, charts, figures
from kgtool.plot.page import page
from kgtool.plot.pictures import Graph, HeatMap, Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("png", "svg", "html")


def to_figure(picture: Picture) -> Figure:
    """The picture as a matplotlib figure, without pyplot. Raises `canvas.MissingExtra` without matplotlib."""
    if isinstance(picture, HeatMap):
        return charts.heatmap_figure(picture)
    if isinstance(picture, Graph):
        return charts.bipartite_figure(picture) if picture.arrangement == "sides" else figures.graph_figure(picture)
    return charts.trends_figure(picture)


def to_bytes(picture: Picture, format_: str) -> bytes:
    """The picture as a file of one of `FORMATS`; the same picture gives the same bytes."""
    if format_ == "html":
        return page(picture).encode("utf-8")
    return canvas.to_bytes(to_figure(picture), format_)


def format_of(out: Path, format_: str | None = None) -> str:
    """The format that is asked for, else the one that the file's suffix says.

    Raises `InputError` where neither tells, `canvas.MissingExtra` where the format needs matplotlib and there is none.
    """
    found = (format_ or out.suffix.removeprefix(".")).lower()
    if found not in FORMATS:
        raise InputError(f"{out}: which format? expected a name that ends in .png, .svg or .html, or --format")
    if found != "html":
        canvas.require()
    return found


def save(picture: Picture, out: Path, format_: str | None = None) -> str:
    """Draws the picture into a file; one that is there already is replaced, but not if drawing or writing fails.

    Gives back the characters that no installed font has, which a PNG shows as �. Raises as `format_of` does,
    and `InputError` where there is no folder for the file.
    """
    format_ = format_of(out, format_)
    target = out.resolve()
    if target.is_dir() or not target.parent.is_dir():
        raise InputError(
            f"{out}: {'a folder' if target.is_dir() else 'there is no such folder'}; expected a file's name"
        )
    figure = None if format_ == "html" else to_figure(picture)
    content = to_bytes(picture, format_) if figure is None else canvas.to_bytes(figure, format_)
    if target.exists() and not target.is_file():
        target.write_bytes(content)  # a pipe or a device cannot be replaced
    else:
        aside = target.with_name(f".kgtool-{os.getpid()}.tmp")
        try:
            aside.write_bytes(content)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    return "" if figure is None or format_ == "svg" else canvas.missing(figure)
