// With which methods is a method compared in a sentence, and by how many papers?
//
// $method          text, required         a method, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher rivals-of-method -p method=GRPO

WITH toLower($method) AS wanted
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (m)-[r:COMPARED_TO]-(rival:Method)
WHERE rival.id <> m.id AND r.confidence >= $min_confidence
RETURN rival.name AS rival, rival.id AS id, count(DISTINCT r.paper) AS papers
ORDER BY papers DESC, rival, id
LIMIT $limit
