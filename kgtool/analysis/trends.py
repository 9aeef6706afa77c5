"""What is new or rising: how many papers of each month or digest have an entity, and whether that changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import islice
from math import exp, lgamma
from pathlib import Path
from statistics import NormalDist, median_low
from typing import Literal, TypedDict, Unpack

from kgtool.analysis.matrix import KINDS
from kgtool.analysis.naming import Names, find_nodes
from kgtool.analysis.papers import checked_date, within
from kgtool.analysis.reader import SUPPORTING, Reader, read, role_types
from kgtool.errors import InputError
from kgtool.records import MIN_CONFIDENCE, Table

By = Literal["month", "digest"]

STATUSES = ("new", "rising", "falling", "steady")
UNKNOWN = "unknown"
"""The period of papers of unknown month, where they are asked for."""

MIN_PAPERS = 2
LIMIT = 20
SIGNIFICANT = NormalDist().inv_cdf(0.95)
"""How large the score of a change must be to be called one: chance gives it one time in twenty."""
_LEAST = 1e-300

COUNT_COLUMNS = ("period", "of_papers", "name", "kind", "papers", "share", "id")


class TrendFilters(TypedDict, total=False):
    """Which entities and papers a trend is of."""

    by: By
    kinds: Iterable[str]
    """``methods``, ``datasets``, ``tasks``; all of them by default."""
    method: Names
    dataset: Names
    task: Names
    since: str | None
    """``2026``, ``2026-02`` or ``2026-02-17``: papers of this time or later, by what is known of their date."""
    until: str | None
    undated: bool
    """By month, papers of unknown month make a period before all others; within `since` and `until` they are too."""
    min_confidence: float


@dataclass(frozen=True, slots=True)
class Period:
    """A month (``2026-02``) or a digest, and how many papers it has; `id` is that of the digest or the month."""

    id: str
    name: str
    papers: int


@dataclass(frozen=True, slots=True)
class Series:
    """An entity with its papers in each period, in the order of the periods; `papers` are distinct ones."""

    id: str
    label: str
    name: str
    papers: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Counts over periods; the series are by number of papers, the most first, then by name and id."""

    periods: tuple[Period, ...]
    series: tuple[Series, ...]


def trends(
    kg: Path,
    *,
    status: str | None = None,
    min_papers: int = MIN_PAPERS,
    limit: int | None = LIMIT,
    **filters: Unpack[TrendFilters],
) -> Table:
    """What is new or rising in the latest period against all those before it, as `compare` has it, of a `timeline`."""
    return compare(timeline(kg, **filters), status=status, min_papers=min_papers, limit=limit)


def timeline(kg: Path, **filters: Unpack[TrendFilters]) -> Timeline:
    """In how many papers of each period an entity has a role that counts, as in `matrix`; see `TrendFilters`.

    Months come in order, without those that no paper is of; a paper of which only the year is known has no month.
    Digests come by their date, one without a date by the median month of its papers, then by name; what has
    neither comes first. A paper of several digests counts in each. Named entities are the only ones. Raises
    `InputError` for an unknown kind, a wrong date or an ambiguous name, `NothingFound` for a name that nothing has.
    """
    by = filters.get("by", "month")
    if by not in ("month", "digest"):
        raise InputError(f"{by}: expected month or digest")
    kinds = tuple(filters.get("kinds", ())) or tuple(KINDS)
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"{kind}: trends are of {', '.join(KINDS)}")
    since, until = (None if not text else checked_date(text) for text in (filters.get("since"), filters.get("until")))
    undated, least = filters.get("undated", False), filters.get("min_confidence", MIN_CONFIDENCE)
    named = {
        "Method": filters.get("method", ()),
        "Dataset": filters.get("dataset", ()),
        "Task": filters.get("task", ()),
    }

    def count(reader: Reader) -> Timeline:
        dates = {
            id_: published
            for id_, published in reader.rows("MATCH (p:Paper) RETURN p.id, p.published")
            if within(published, since, until, undated)
        }
        periods = _months(dates, undated) if by == "month" else _digests(reader, dates)
        wanted = {node.id for label, names in named.items() for node in find_nodes(reader, names, label)}
        labels = [KINDS[kind] for kind in dict.fromkeys(kinds)]
        series = sorted(
            _series(reader, labels, wanted, least, periods),
            key=lambda each: (-each.papers, each.name.casefold(), each.name, each.id),
        )
        return Timeline(tuple(Period(id_, name, len(of)) for id_, name, of in periods), tuple(series))

    return read(kg, count)


_Members = tuple[str, str, frozenset[str]]
"""A period: its id, its name and the ids of its papers."""


def _months(dates: Mapping[str, str | None], undated: bool) -> list[_Members]:
    found: dict[str, set[str]] = defaultdict(set)
    for paper, published in dates.items():
        month = _month(published)
        if month or undated:
            found[month or UNKNOWN].add(paper)
    order = sorted(found, key=lambda month: (month != UNKNOWN, month))
    return [(month, month, frozenset(found[month])) for month in order]


def _month(published: str | None) -> str | None:
    return published[:7] if published and len(published) >= 7 else None


def _digests(reader: Reader, dates: Mapping[str, str | None]) -> list[_Members]:
    listed: dict[tuple[str, str, str | None], set[str]] = defaultdict(set)
    for id_, name, published, paper in reader.rows(
        "MATCH (p:Paper)-[:LISTED_IN]->(d:Digest) RETURN d.id, d.name, d.published, p.id"
    ):
        if paper in dates:
            listed[id_, name, published].add(paper)
    found = []
    for (id_, name, published), papers in listed.items():
        months = sorted(month for paper in papers if (month := _month(dates[paper])))
        found.append((published or (median_low(months) if months else ""), name, id_, frozenset(papers)))
    return [(id_, name, papers) for _, name, id_, papers in sorted(found, key=lambda item: item[:3])]


def _series(
    reader: Reader, labels: Iterable[str], wanted: set[str], least: float, periods: Iterable[_Members]
) -> Iterator[Series]:
    members = [papers for _, _, papers in periods]
    inside = frozenset[str]().union(*members)
    for label in labels:
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for id_, name, paper in reader.rows(
            f"MATCH (p:Paper)-[r:{role_types(SUPPORTING[label])}]->(n:{label}) WHERE r.confidence >= $least "
            "RETURN n.id, n.name, p.id",
            least=least,
        ):
            if paper in inside and (not wanted or id_ in wanted):
                found[id_, name].add(paper)
        for (id_, name), papers in found.items():
            yield Series(id_, label, name, len(papers), tuple(len(papers & of) for of in members))


def counts(found: Timeline, ids: Container[str] | None = None) -> Table:
    """A timeline in long form, for plotting: one row for each series, those of `ids` if given, and each period.

    Columns: `period` (its name), `of_papers` (how many papers the period has), `name` and `kind` of the entity, its
    `papers` in the period, their `share`, and its `id`. Periods without a paper that has the entity are rows with 0.
    """
    return Table(
        COUNT_COLUMNS,
        tuple(
            (period.name, period.papers, each.name, each.label, count, _share(count, period.papers), each.id)
            for each in found.series
            if ids is None or each.id in ids
            for period, count in zip(found.periods, each.counts, strict=True)
        ),
    )


def periods_line(found: Timeline) -> str:
    """What is compared with what, in words; says so where there is nothing to compare."""
    if not found.periods:
        return "no papers of a known period: nothing to compare"
    *earlier, latest = found.periods
    if not earlier:
        return f"only one period, {latest.name} ({_papers(latest.papers)}): nothing to compare it with"
    listed = sum(period.papers for period in earlier)
    before = earlier[0].name if len(earlier) == 1 else f"{earlier[0].name} to {earlier[-1].name}"
    return f"{latest.name} ({_papers(latest.papers)}) against {before} ({_papers(listed)})"


def _papers(count: int) -> str:
    return f"{count:,} paper{'' if count == 1 else 's'}"


def compare(
    found: Timeline, *, status: str | None = None, min_papers: int = MIN_PAPERS, limit: int | None = LIMIT
) -> Table:
    """The latest period of a timeline against all before it together: what rises most comes first, what falls last.

    Columns: `name`, `kind`; `status`; `papers`, over all periods; `first`, the first period that has one; papers in the
    `latest` period and `before`, and what share of the papers there they are; `z`; `id`.

    `z` is the standard normal score of Fisher's exact test with the mid-p value (Fisher 1922, "On the interpretation of
    χ² from contingency tables"; Lancaster 1961, "Significance tests in discrete distributions"): how surprising
    it were, by chance, that so many of an entity's papers are of the latest period. It holds for small counts, and is
    positive where the share rises. `status` is ``new`` where no paper before has the entity, whatever `z`; ``rising``
    and ``falling`` where chance gives such a `z` one time in twenty (`SIGNIFICANT`), so that of many
    entities some are by chance; else ``steady``. With fewer than two periods there is nothing to compare:
    `status`, `before`, both shares of it and `z` are None.

    Entities of fewer than `min_papers` papers are left out. Raises `InputError` for an unknown `status`.
    """
    if status is not None and status not in STATUSES:
        raise InputError(f"{status}: no status; expected one of {', '.join(STATUSES)}")
    rows = [_row(found.periods, each) for each in found.series if each.papers >= min_papers]
    rows.sort(key=lambda row: -(row.z or 0))
    chosen = (astuple(row) for row in rows if status in (None, row.status))
    return Table(COLUMNS, tuple(islice(chosen, limit)))


@dataclass(frozen=True, slots=True)
class Trend:
    """One row of `compare`."""

    name: str
    kind: str
    status: str | None
    papers: int
    first: str
    latest: int
    before: int | None
    share_latest: float
    share_before: float | None
    z: float | None
    id: str


COLUMNS = tuple(field.name for field in fields(Trend))


def _row(periods: Sequence[Period], each: Series) -> Trend:
    first = next(period.name for period, count in zip(periods, each.counts, strict=True) if count)
    *earlier, latest = each.counts
    of_latest, of_before = periods[-1].papers, sum(period.papers for period in periods[:-1])
    before, z = sum(earlier), None
    if earlier:
        z = round(change(latest, before, of_latest, of_before), 2)
    return Trend(
        each.name,
        each.label,
        None if z is None else _status(z, before),
        each.papers,
        first,
        latest,
        None if z is None else before,
        _share(latest, of_latest),
        None if z is None else _share(before, of_before),
        z,
        each.id,
    )


def _status(z: float, before: int) -> str:
    if not before:
        return "new"
    return "rising" if z >= SIGNIFICANT else "falling" if z <= -SIGNIFICANT else "steady"


def change(latest: int, before: int, of_latest: int, of_before: int) -> float:
    """The standard normal score of Fisher's exact test with the mid-p value, of two counts out of two totals.

    >>> round(change(3, 0, 10, 30), 2), round(change(1, 3, 10, 30), 2), round(change(0, 9, 10, 30), 2)
    (2.51, 0.06, -1.94)
    """
    both, most = latest + before, min(of_latest, latest + before)
    least = max(0, both - of_before)
    chances = {
        k: exp(_ways(of_latest, k) + _ways(of_before, both - k) - _ways(of_latest + of_before, both))
        for k in range(least, most + 1)
    }
    same = chances[latest] / 2
    more = same + sum(chance for k, chance in chances.items() if k > latest)
    fewer = same + sum(chance for k, chance in chances.items() if k < latest)
    # The smaller tail is the one that is known to all its digits.
    score = NormalDist().inv_cdf(max(min(more, fewer), _LEAST))
    return -score if more < fewer else score


def _ways(n: int, k: int) -> float:
    """The logarithm of the number of ways to choose k of n."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
