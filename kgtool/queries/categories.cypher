// How many papers does each category have, and how many methods, datasets and tasks do they mention?
//
// $limit  count, default 100  at most so many rows
//
// kgtool cypher categories -p limit=5

MATCH (c:Category)<-[:IN_CATEGORY]-(p:Paper)
OPTIONAL MATCH (p)-[:MENTIONS]->(e:Method|Dataset|Task)
RETURN c.name AS category, c.id AS id, count(DISTINCT p.id) AS papers, count(DISTINCT e.id) AS entities
ORDER BY papers DESC, category, id
LIMIT $limit
