// Which datasets do most papers introduce, evaluate on or train on?
//
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 20      at most so many rows
//
// kgtool cypher top-datasets -p limit=5

MATCH (p:Paper)-[r:INTRODUCES|EVALUATES_ON|TRAINS_ON]->(d:Dataset)
WHERE r.confidence >= $min_confidence
RETURN d.name AS dataset, d.id AS id, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, dataset, id
LIMIT $limit
