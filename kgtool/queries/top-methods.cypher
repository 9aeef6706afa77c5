// Which methods do most papers introduce, use or compare with?
//
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 20      at most so many rows
//
// kgtool cypher top-methods -p limit=5

MATCH (p:Paper)-[r:INTRODUCES|USES|COMPARES_WITH]->(m:Method)
WHERE r.confidence >= $min_confidence
RETURN m.name AS method, m.id AS id, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, method, id
LIMIT $limit
