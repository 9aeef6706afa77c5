// Who wrote most of the papers?
//
// $limit  count, default 20  at most so many rows
//
// kgtool cypher top-authors -p limit=5

MATCH (a:Author)-[:WROTE]->(p:Paper)
RETURN a.name AS author, a.id AS id, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, author, id
LIMIT $limit
