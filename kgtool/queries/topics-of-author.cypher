// On which methods, datasets and tasks does an author work, and in how many papers?
//
// $author          text, required         an author, by name or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher topics-of-author -p author='Priya Sankarlal'

WITH toLower($author) AS wanted
MATCH (a:Author)-[:WROTE]->(p:Paper)
      -[r:INTRODUCES|USES|COMPARES_WITH|EVALUATES_ON|TRAINS_ON|ADDRESSES]->(e:Method|Dataset|Task)
WHERE (toLower(a.id) = wanted OR toLower(a.name) = wanted) AND r.confidence >= $min_confidence
RETURN head(split(e.id, ':')) AS type, e.name AS name, e.id AS id, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, type, name, id
LIMIT $limit
