// Which methods, datasets and tasks does no paper of an earlier date mention?
//
// $since  date, required     the date: 2026, 2026-02 or 2026-02-17
// $limit  count, default 50  at most so many rows
//
// kgtool cypher new-since -p since=2026-03

MATCH (p:Paper)-[:MENTIONS]->(e:Method|Dataset|Task)
WHERE p.published IS NOT NULL
WITH e, min(p.published) AS first, count(DISTINCT p.id) AS papers
WHERE left(first, size($since)) >= left($since, size(first))
RETURN head(split(e.id, ':')) AS type, e.name AS name, e.id AS id, first, papers
ORDER BY papers DESC, type, name, id
LIMIT $limit
