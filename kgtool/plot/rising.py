"""What is new or rising, as a picture: the course of each entity over months or digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

from kgtool.analysis.papers import checked_date, within
from kgtool.analysis.reader import SUPPORTING, Reader, read, role_types
from kgtool.analysis.trends import MIN_PAPERS, TrendFilters, compare, timeline
from kgtool.errors import InputError, NothingFound
from kgtool.plot.pictures import Course, Evidence, Trends
from kgtool.plot.reading import read_dots, web_address
from kgtool.records import MIN_CONFIDENCE

LIMIT = 12
MOST = 60
_ENOUGH = 5
_PAPERS = 20
"""Of how many papers the sentences of one entity are kept, the latest first."""


def trends(
    kg: Path,
    *,
    status: str | None = None,
    min_papers: int = MIN_PAPERS,
    limit: int = LIMIT,
    **filters: Unpack[TrendFilters],
) -> Trends:
    """The first `limit` rows of `kgtool.analysis.trends.trends` with their counts in each period, and the papers.

    Raises as that does, and `NothingFound` where no entity is like that.
    """
    if not 1 <= limit <= MOST:
        raise InputError(f"limit {limit}: expected 1 to {MOST} entities")
    found = timeline(kg, **filters)
    rows = compare(found, status=status, min_papers=min_papers, limit=None).records()
    chosen = rows[:limit]
    if not chosen:
        raise NothingFound("no entity rises or falls like that: try fewer papers (--min-papers) or another status")
    by = filters.get("by", "month")
    joined = (
        _joined([period.papers for period in found.periods])
        if by == "month"
        else [[n] for n in range(len(found.periods))]
    )
    by_id = {each.id: each for each in found.series}
    labels = {str(row["id"]): str(row["kind"]) for row in chosen}
    dots, said = read(kg, lambda reader: (read_dots(reader, labels), _said(reader, labels, filters)))
    dot_of = {dot.id: dot for dot in dots}
    sizes = tuple(sum(found.periods[n].papers for n in run) for run in joined)
    names = tuple(_span(found.periods[run[0]].name, found.periods[run[-1]].name) for run in joined)
    courses = []
    for row in chosen:
        each = by_id[str(row["id"])]
        counts = tuple(sum(each.counts[n] for n in run) for run in joined)
        share = tuple(count / size if size else 0.0 for count, size in zip(counts, sizes, strict=True))
        courses.append(Course(dot_of[each.id], counts, share, each.papers, str(row["status"] or ""), said[each.id]))
    few = ", those with few papers joined" if len(joined) < len(found.periods) else ""
    left_out = f"; {len(rows) - len(chosen)} left out" if len(rows) > len(chosen) else ""
    return Trends(
        "What rises",
        (
            f"{len(found.periods)} {by}s{few}; {len(chosen)} of {len(rows)} entities with {min_papers} papers or more, "
            f"what rises most in the latest {by} first{left_out}",
        ),
        names,
        sizes,
        tuple(courses),
    )


def _joined(sizes: Sequence[int]) -> list[list[int]]:
    """Runs of positions that together have enough papers for a share to mean something; the latest stays alone.

    The earlier ones are joined from the latest backwards, until each has a twentieth of the papers of the largest.
    """
    enough = max(_ENOUGH, max(sizes) / 20)
    runs: list[list[int]] = [[len(sizes) - 1]]
    for position in reversed(range(len(sizes) - 1)):
        if len(runs) > 1 and sum(sizes[n] for n in runs[0]) < enough:
            runs[0].insert(0, position)
        else:
            runs.insert(0, [position])
    if len(runs) > 2 and sum(sizes[n] for n in runs[0]) < enough:
        runs[:2] = [runs[0] + runs[1]]
    return runs


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _said(reader: Reader, labels: Mapping[str, str], filters: TrendFilters) -> dict[str, tuple[Evidence, ...]]:
    """What the papers say of each entity (labels by id), the latest first."""
    since, until = (None if not text else checked_date(text) for text in (filters.get("since"), filters.get("until")))
    rows: list[tuple[Any, ...]] = []
    for label in sorted(set(labels.values())):
        rows += reader.rows(
            f"MATCH (p:Paper)-[r:{role_types(SUPPORTING[label])}]->(n:{label}) "
            "WHERE n.id IN $ids AND r.confidence >= $least "
            "RETURN n.id, p.id, p.title, p.url, p.published, label(r), r.sentence, r.confidence",
            ids=sorted(id_ for id_, of in labels.items() if of == label),
            least=filters.get("min_confidence", MIN_CONFIDENCE),
        )
    rows = sorted(row for row in rows if within(row[4], since, until, filters.get("undated", False)))
    rows.sort(key=lambda row: row[4] or "", reverse=True)
    return {
        wanted: tuple(
            Evidence(paper, title, web_address(url), type_, sentence, confidence)
            for id_, paper, title, url, _, type_, sentence, confidence in rows
            if id_ == wanted
        )[:_PAPERS]
        for wanted in labels
    }
