// Which authors have a text in their name?
//
// $text   text, required     a piece of the name, in any case
// $limit  count, default 50  at most so many rows
//
// kgtool cypher find-authors -p text=priya

WITH toLower($text) AS wanted
MATCH (a:Author)-[:WROTE]->(p:Paper)
WHERE toLower(a.name) CONTAINS wanted
RETURN a.name AS author, a.id AS id, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, author, id
LIMIT $limit
