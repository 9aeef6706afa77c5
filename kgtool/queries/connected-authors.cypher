// Which authors wrote with most others?
//
// $limit  count, default 20  at most so many rows
//
// kgtool cypher connected-authors -p limit=5

MATCH (a:Author)-[:WROTE]->(p:Paper)<-[:WROTE]-(other:Author)
WHERE a.id <> other.id
RETURN a.name AS author, a.id AS id, count(DISTINCT other.id) AS coauthors, count(DISTINCT p.id) AS papers
ORDER BY coauthors DESC, papers DESC, author, id
LIMIT $limit
