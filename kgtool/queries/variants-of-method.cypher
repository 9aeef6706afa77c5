// Which methods are a kind of a method, as which sentence says?
//
// $method          text, required         a method, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher variants-of-method -p method='diffusion models'

WITH toLower($method) AS wanted
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (v:Method)-[r:SUB_CLASS_OF]->(m)
WHERE r.confidence >= $min_confidence
RETURN v.name AS variant, v.id AS id, r.paper AS paper, r.confidence AS confidence, r.sentence AS sentence,
       m.id AS method_id
ORDER BY variant, id, paper, method_id
LIMIT $limit
