// For which tasks do papers take a method, how many, and how many say so in a sentence?
//
// $method          text, required         a method, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher tasks-of-method -p method=LoRA

WITH toLower($method) AS wanted
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (m:Method)<-[r:INTRODUCES|USES|COMPARES_WITH]-(p:Paper)-[s:ADDRESSES]->(t:Task)
WHERE r.confidence >= $min_confidence AND s.confidence >= $min_confidence
WITH m, t, count(DISTINCT p.id) AS support
OPTIONAL MATCH (m)-[said:USED_FOR]-(t)
WHERE said.confidence >= $min_confidence
RETURN t.name AS task, support, count(DISTINCT said.paper) AS direct, t.id AS id, m.id AS method_id
ORDER BY support DESC, direct DESC, task, id, method_id
LIMIT $limit
