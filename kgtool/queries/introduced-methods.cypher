// Which methods do papers of a time introduce, and in which sentence?
//
// $since           date, default 1900     published then or later: 2026, 2026-02 or 2026-02-17
// $until           date, default 2100     published then or before, likewise
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher introduced-methods -p since=2026-03 -p limit=5

MATCH (p:Paper)-[r:INTRODUCES]->(m:Method)
WHERE r.confidence >= $min_confidence
  AND left(p.published, size($since)) >= left($since, size(p.published))
  AND left(p.published, size($until)) <= left($until, size(p.published))
RETURN m.name AS method, m.id AS id, p.id AS paper, p.title AS title, p.published AS published,
       r.confidence AS confidence, r.sentence AS sentence
ORDER BY published DESC, paper, id
LIMIT $limit
