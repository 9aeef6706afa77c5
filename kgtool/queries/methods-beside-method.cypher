// Which other methods do the papers of a method have, and how many papers have both?
//
// $method          text, required         a method, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher methods-beside-method -p method=GRPO

WITH toLower($method) AS wanted
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (m:Method)<-[r:INTRODUCES|USES|COMPARES_WITH]-(p:Paper)-[s:INTRODUCES|USES|COMPARES_WITH]->(o:Method)
WHERE m.id <> o.id AND r.confidence >= $min_confidence AND s.confidence >= $min_confidence
RETURN o.name AS other, o.id AS id, count(DISTINCT p.id) AS papers
ORDER BY papers DESC, other, id
LIMIT $limit
