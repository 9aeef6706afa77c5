// How many papers have both a method and a dataset in roles that count, and how many relate them in a sentence?
//
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher method-dataset-matrix -p limit=5

MATCH (m:Method)<-[r:INTRODUCES|USES|COMPARES_WITH]-(p:Paper)-[s:INTRODUCES|EVALUATES_ON|TRAINS_ON]->(d:Dataset)
WHERE r.confidence >= $min_confidence AND s.confidence >= $min_confidence
WITH m, d, count(DISTINCT p.id) AS support
OPTIONAL MATCH (m)-[said:EVALUATED_WITH|TRAINED_WITH]->(d)
WHERE said.confidence >= $min_confidence
RETURN m.name AS method, d.name AS dataset, support, count(DISTINCT said.paper) AS direct,
       m.id AS method_id, d.id AS dataset_id
ORDER BY support DESC, direct DESC, method, dataset, method_id, dataset_id
LIMIT $limit
