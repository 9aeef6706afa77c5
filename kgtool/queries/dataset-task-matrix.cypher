// How many papers have both a dataset and a task in roles that count, and how many relate them in a sentence?
//
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher dataset-task-matrix -p limit=5

MATCH (d:Dataset)<-[r:INTRODUCES|EVALUATES_ON|TRAINS_ON]-(p:Paper)-[s:ADDRESSES]->(t:Task)
WHERE r.confidence >= $min_confidence AND s.confidence >= $min_confidence
WITH d, t, count(DISTINCT p.id) AS support
OPTIONAL MATCH (d)-[said:USED_FOR|BENCHMARK_FOR]-(t)
WHERE said.confidence >= $min_confidence
RETURN d.name AS dataset, t.name AS task, support, count(DISTINCT said.paper) AS direct,
       d.id AS dataset_id, t.id AS task_id
ORDER BY support DESC, direct DESC, dataset, task, dataset_id, task_id
LIMIT $limit
