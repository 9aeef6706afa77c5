// With whom did an author write, and how many papers?
//
// $author  text, required     an author, by name or id, in any case
// $limit   count, default 50  at most so many rows
//
// kgtool cypher coauthors -p author='Priya Sankarlal'

WITH toLower($author) AS wanted
MATCH (a:Author)-[:WROTE]->(p:Paper)<-[:WROTE]-(o:Author)
WHERE a.id <> o.id AND (toLower(a.id) = wanted OR toLower(a.name) = wanted)
RETURN o.name AS coauthor, o.id AS id, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, coauthor, id
LIMIT $limit
