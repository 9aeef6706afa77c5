"""Who was tried on what, as a heat map and as a bipartite graph: the pairs of the matrix with their evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from kgtool.analysis.matrix import KINDS, Pair, PairEvidence, count_pairs, pair_evidence
from kgtool.analysis.naming import Names
from kgtool.analysis.reader import Reader, read
from kgtool.errors import InputError, NothingFound
from kgtool.plot import style
from kgtool.plot.layout import side_by_side
from kgtool.plot.pictures import Evidence, Graph, HeatMap, Line, Tile
from kgtool.plot.reading import read_dots, read_titles
from kgtool.records import MIN_CONFIDENCE

SIDE = 25
"""How many rows and how many columns a heat map has unless told otherwise."""
PAIRS = 40
MOST = 200
_PAPERS = 20
"""Of how many papers the evidence of one pair is kept; the rest is counted."""

_Ends = tuple[str, str]


def matrix(
    kg: Path,
    rows: str = "methods",
    columns: str = "datasets",
    *,
    method: Names = (),
    dataset: Names = (),
    task: Names = (),
    min_support: int = 1,
    min_confidence: float = MIN_CONFIDENCE,
    limit: int = SIDE,
) -> HeatMap:
    """The matrix of `kgtool.analysis.matrix` as a heat map of at most `limit` rows and `limit` columns.

    Those are drawn whose pairs have the most papers, the most first. Raises as the matrix does, and `NothingFound`
    where it has no pair.
    """
    if not 1 <= limit <= MOST:
        raise InputError(f"limit {limit}: a heat map has 1 to {MOST} rows and columns")
    named = {"method": method, "dataset": dataset, "task": task}

    def draw(reader: Reader) -> HeatMap:
        pairs = count_pairs(reader, rows, columns, **named, min_support=min_support, min_confidence=min_confidence)
        same = rows == columns
        first, second = _densest(pairs, same, limit)
        chosen = [p for p in pairs if p.first[0] in first and p.second[0] in second]
        if not chosen:
            raise NothingFound(_nothing(rows, columns, min_support))
        said = _evidence(reader, rows, columns, chosen, named, min_confidence)
        labels = dict.fromkeys(first, KINDS[rows]) | dict.fromkeys(second, KINDS[columns])
        dots = {dot.id: dot for dot in read_dots(reader, labels)}
        down, across = ({id_: n for n, id_ in enumerate(side)} for side in (first, second))
        tiles = [
            Tile(down[pair.first[0]], across[pair.second[0]], pair.support, pair.direct, said[_ends(pair)])
            for pair in chosen
        ]
        if same:
            tiles += [Tile(tile.column, tile.row, tile.support, tile.direct, tile.evidence) for tile in tiles]
        total = len({id_ for pair in pairs for id_ in _ends(pair)}) if same else len({p.first[0] for p in pairs})
        shown = f"{len(first)} of {total} {rows}"
        if not same:
            shown += f" and {len(second)} of {len({p.second[0] for p in pairs})} {columns}"
        most = "; those whose pairs have the most papers" if len(chosen) < len(pairs) else ""
        return HeatMap(
            f"{rows.capitalize()} and {columns}" if not same else f"{rows.capitalize()} in one paper",
            (shown + most, *_conditions(named, min_support, min_confidence)),
            (KINDS[rows], KINDS[columns]),
            tuple(dots[id_] for id_ in first),
            tuple(dots[id_] for id_ in second),
            tuple(sorted(tiles, key=lambda tile: (tile.row, tile.column))),
        )

    return read(kg, draw)


def bipartite(
    kg: Path,
    rows: str = "methods",
    columns: str = "datasets",
    *,
    method: Names = (),
    dataset: Names = (),
    task: Names = (),
    min_support: int = 1,
    min_confidence: float = MIN_CONFIDENCE,
    limit: int = PAIRS,
) -> Graph:
    """The `limit` most supported pairs of two kinds as a graph with two sides; a line is as wide as its support.

    Raises as the matrix does, `InputError` for one kind with itself, `NothingFound` where there is no pair.
    """
    if rows == columns:
        raise InputError(f"{rows} and {columns}: a bipartite graph has two kinds of nodes")
    if not 1 <= limit <= MOST:
        raise InputError(f"limit {limit}: expected 1 to {MOST} pairs")
    named = {"method": method, "dataset": dataset, "task": task}

    def draw(reader: Reader) -> Graph:
        pairs = count_pairs(reader, rows, columns, **named, min_support=min_support, min_confidence=min_confidence)
        chosen = pairs[:limit]
        if not chosen:
            raise NothingFound(_nothing(rows, columns, min_support))
        said = _evidence(reader, rows, columns, chosen, named, min_confidence)
        first = dict.fromkeys(pair.first[0] for pair in chosen)
        second = dict.fromkeys(pair.second[0] for pair in chosen)
        dots = read_dots(reader, dict.fromkeys(first, KINDS[rows]) | dict.fromkeys(second, KINDS[columns]))
        position = {dot.id: index for index, dot in enumerate(dots)}
        weights = {(position[p.first[0]], position[p.second[0]]): float(p.support) or 0.5 for p in chosen}
        sides = side_by_side(([position[id_] for id_ in first], [position[id_] for id_ in second]), weights)
        lines = (
            Line(*_ends(pair), (style.DIRECT if pair.direct else style.TOGETHER,), said[_ends(pair)], pair.support)
            for pair in chosen
        )
        most = f", the most supported; {len(pairs) - len(chosen)} left out" if len(pairs) > len(chosen) else ""
        return Graph(
            f"{rows.capitalize()} and {columns}",
            (f"{len(chosen)} of {len(pairs)} pairs{most}", *_conditions(named, min_support, min_confidence)),
            dots,
            tuple(sorted(lines, key=lambda line: (line.source, line.target))),
            "sides",
            tuple(tuple(dots[index].id for index in side) for side in sides),
        )

    return read(kg, draw)


def _ends(pair: Pair | PairEvidence) -> _Ends:
    if isinstance(pair, Pair):
        return (pair.first[0], pair.second[0])
    return (pair.first, pair.second)


def _densest(pairs: Iterable[Pair], same: bool, limit: int) -> tuple[list[str], list[str]]:
    """The ids of the rows and of the columns to draw, the most supported first, none of them empty.

    A side is chosen by the squares of the supports that it has with the other one, in turns: pairs that several papers
    share say more than the long lists of one paper.
    """
    supports = {(p.first[0], p.second[0]): float(p.support**2) or 0.1 for p in pairs}
    if same:
        supports |= {(second, first): weight for (first, second), weight in supports.items()}
    rows, columns = ({ends[side] for ends in supports} for side in (0, 1))
    for _ in range(6):
        rows = set(_most(supports, 0, columns, limit))
        columns = rows if same else set(_most(supports, 1, rows, limit))
    chosen = _most(supports, 0, columns, limit)
    return (chosen, chosen) if same else (chosen, _most(supports, 1, set(chosen), limit))


def _most(supports: dict[_Ends, float], side: int, others: set[str], limit: int) -> list[str]:
    """The ids of one side with the greatest sums over the `others` of the other side, the greatest first."""
    sums: dict[str, float] = defaultdict(float)
    for ends, weight in supports.items():
        if ends[1 - side] in others:
            sums[ends[side]] += weight
    return sorted(sums, key=lambda id_: (-sums[id_], id_))[:limit]


def _evidence(
    reader: Reader,
    rows: str,
    columns: str,
    pairs: Sequence[Pair],
    named: dict[str, Names],
    min_confidence: float,
) -> dict[_Ends, tuple[Evidence, ...]]:
    """What is said for each pair: papers that relate the two in a sentence first, the surest first."""
    wanted = {_ends(pair) for pair in pairs}
    between = {id_ for ends in wanted for id_ in ends}
    by_pair: dict[_Ends, dict[str, list[PairEvidence]]] = defaultdict(lambda: defaultdict(list))
    for one in pair_evidence(reader, rows, columns, between, **named, min_confidence=min_confidence):
        if _ends(one) in wanted:
            by_pair[_ends(one)][one.paper].append(one)
    titles = read_titles(reader, {paper for papers in by_pair.values() for paper in papers})
    found: dict[_Ends, tuple[Evidence, ...]] = dict.fromkeys(wanted, ())
    for ends, papers in by_pair.items():
        evidence = [one for paper in sorted(papers) for one in _of_paper(papers[paper], titles)]
        order = {one.paper: (not _direct(papers[one.paper]), -(one.confidence or 0)) for one in reversed(evidence)}
        kept = set(sorted(papers, key=lambda paper: (*order[paper], paper))[:_PAPERS])
        evidence = [one for one in evidence if one.paper in kept]
        found[ends] = tuple(sorted(evidence, key=lambda one: (*order[one.paper], one.paper)))
    return found


def _direct(said: Iterable[PairEvidence]) -> bool:
    return any(one.direct for one in said)


def _of_paper(said: Sequence[PairEvidence], titles: dict[str, tuple[str, str | None]]) -> list[Evidence]:
    """The sentence that relates the two where there is one, else those of the two roles; a sentence comes once.

    Without a sentence that relates the two the paper is as sure as the less sure of its roles.
    """
    relations = [one for one in said if one.direct]
    by_sentence: dict[str, list[PairEvidence]] = defaultdict(list)
    for one in relations or said:
        by_sentence[one.sentence].append(one)
    best = [
        max(one.confidence for one in said if one.relationship == type_) for type_ in {o.relationship for o in said}
    ]
    sure = max((one.confidence for one in relations), default=min(best))
    title, url = titles.get(said[0].paper, ("", None))
    return [
        Evidence(said[0].paper, title, url, ", ".join(sorted({one.relationship for one in same})), sentence, sure)
        for sentence, same in by_sentence.items()
    ]


def _conditions(named: dict[str, Names], min_support: int, min_confidence: float) -> tuple[str, ...]:
    """The filters in words."""
    said = [
        f"{kind}: {names if isinstance(names, str) else ', '.join(names)}" for kind, names in named.items() if names
    ]
    if min_support != 1:
        said.append(f"{min_support} papers and more")
    if min_confidence:
        said.append(f"edges of confidence {min_confidence:g} and more")
    return ("; ".join(said),) if said else ()


def _nothing(rows: str, columns: str, min_support: int) -> str:
    more = f" with {min_support} papers or more" if min_support > 1 else ""
    return f"no pair of {rows} and {columns}{more} is like that"
