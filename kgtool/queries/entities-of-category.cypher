// Which methods, datasets and tasks do papers of a category have most?
//
// $category        text, required         a category, by name or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher entities-of-category -p category=cs.LG

WITH toLower($category) AS wanted
MATCH (c:Category)<-[:IN_CATEGORY]-(p:Paper)
      -[r:INTRODUCES|USES|COMPARES_WITH|EVALUATES_ON|TRAINS_ON|ADDRESSES]->(e:Method|Dataset|Task)
WHERE (toLower(c.id) = wanted OR toLower(c.name) = wanted) AND r.confidence >= $min_confidence
RETURN head(split(e.id, ':')) AS type, e.name AS name, e.id AS id, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, type, name, id
LIMIT $limit
