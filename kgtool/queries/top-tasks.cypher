// Which tasks do most papers address?
//
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 20      at most so many rows
//
// kgtool cypher top-tasks -p limit=5

MATCH (p:Paper)-[r:ADDRESSES]->(t:Task)
WHERE r.confidence >= $min_confidence
RETURN t.name AS task, t.id AS id, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, task, id
LIMIT $limit
