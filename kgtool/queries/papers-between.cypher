// Which papers were published within a time?
//
// $since  date, default 1900  published then or later: 2026, 2026-02 or 2026-02-17
// $until  date, default 2100  published then or before, likewise
// $limit  count, default 100  at most so many rows
//
// kgtool cypher papers-between -p since=2026-03

MATCH (p:Paper)
WHERE left(p.published, size($since)) >= left($since, size(p.published))
  AND left(p.published, size($until)) <= left($until, size(p.published))
RETURN p.id AS paper, p.title AS title, p.published AS published, p.venue AS venue, p.url AS url
ORDER BY published DESC, paper
LIMIT $limit
