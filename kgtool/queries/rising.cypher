// Which methods, datasets and tasks do more papers have since a date than before it?
//
// $since           date, required         the date: 2026, 2026-02 or 2026-02-17
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 20      at most so many rows
//
// kgtool cypher rising -p since=2026-03 -p limit=5

MATCH (p:Paper)-[r:INTRODUCES|USES|COMPARES_WITH|EVALUATES_ON|TRAINS_ON|ADDRESSES]->(e:Method|Dataset|Task)
WHERE r.confidence >= $min_confidence AND p.published IS NOT NULL
WITH e, p, left(p.published, size($since)) >= left($since, size(p.published)) AS later
WITH e, count(CASE WHEN later THEN p.id END) AS papers_since, count(CASE WHEN NOT later THEN p.id END) AS papers_before
WHERE papers_since > papers_before
RETURN head(split(e.id, ':')) AS type, e.name AS name, e.id AS id, papers_since, papers_before
ORDER BY papers_since - papers_before DESC, type, name, id
LIMIT $limit
