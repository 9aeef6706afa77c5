// Who writes on a method, dataset or task, and how many papers?
//
// $entity          text, required         a method, dataset or task, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher authors-of-topic -p entity=LoRA

WITH toLower($entity) AS wanted
MATCH (e:Method|Dataset|Task)
WHERE toLower(e.id) = wanted OR toLower(e.name) = wanted
   OR any(alias IN e.aliases WHERE toLower(alias) = wanted)
MATCH (a:Author)-[:WROTE]->(p:Paper)-[r:INTRODUCES|USES|COMPARES_WITH|EVALUATES_ON|TRAINS_ON|ADDRESSES]->(e)
WHERE r.confidence >= $min_confidence
RETURN a.name AS author, a.id AS id, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, author, id
LIMIT $limit
