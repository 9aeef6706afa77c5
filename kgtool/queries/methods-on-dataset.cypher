// Which methods were tried on a dataset, by how many papers, and by how many in so many words?
//
// $dataset         text, required         a dataset, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher methods-on-dataset -p dataset=GSM8K

WITH toLower($dataset) AS wanted
MATCH (d:Dataset)
WHERE toLower(d.id) = wanted OR toLower(d.name) = wanted
   OR any(alias IN d.aliases WHERE toLower(alias) = wanted)
MATCH (d:Dataset)<-[r:INTRODUCES|EVALUATES_ON|TRAINS_ON]-(p:Paper)-[s:INTRODUCES|USES|COMPARES_WITH]->(m:Method)
WHERE r.confidence >= $min_confidence AND s.confidence >= $min_confidence
WITH d, m, count(DISTINCT p.id) AS support
OPTIONAL MATCH (m)-[said:EVALUATED_WITH|TRAINED_WITH]->(d)
WHERE said.confidence >= $min_confidence
RETURN m.name AS method, support, count(DISTINCT said.paper) AS direct, m.id AS id, d.id AS dataset_id
ORDER BY support DESC, direct DESC, method, id, dataset_id
LIMIT $limit
