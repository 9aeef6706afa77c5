// On which datasets was a method tried, by how many papers, and by how many in so many words?
//
// $method          text, required         a method, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher datasets-of-method -p method=LoRA

WITH toLower($method) AS wanted
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (m:Method)<-[r:INTRODUCES|USES|COMPARES_WITH]-(p:Paper)-[s:INTRODUCES|EVALUATES_ON|TRAINS_ON]->(d:Dataset)
WHERE r.confidence >= $min_confidence AND s.confidence >= $min_confidence
WITH m, d, count(DISTINCT p.id) AS support
OPTIONAL MATCH (m)-[said:EVALUATED_WITH|TRAINED_WITH]->(d)
WHERE said.confidence >= $min_confidence
RETURN d.name AS dataset, support, count(DISTINCT said.paper) AS direct, d.id AS id, m.id AS method_id
ORDER BY support DESC, direct DESC, dataset, id, method_id
LIMIT $limit
