// In which months do papers have a method, dataset or task, and how many?
//
// $entity          text, required         a method, dataset or task, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher months-of-entity -p entity=LLMs

WITH toLower($entity) AS wanted
MATCH (e:Method|Dataset|Task)
WHERE toLower(e.id) = wanted OR toLower(e.name) = wanted
   OR any(alias IN e.aliases WHERE toLower(alias) = wanted)
MATCH (p:Paper)-[r:INTRODUCES|USES|COMPARES_WITH|EVALUATES_ON|TRAINS_ON|ADDRESSES]->(e)
WHERE r.confidence >= $min_confidence AND p.published IS NOT NULL
RETURN left(p.published, 7) AS month, count(DISTINCT p.id) AS papers
ORDER BY month
LIMIT $limit
