// On which datasets do papers on a task work, how many, and how many say so in a sentence?
//
// $task            text, required         a task, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher datasets-for-task -p task='image classification'

WITH toLower($task) AS wanted
MATCH (t:Task)
WHERE toLower(t.id) = wanted OR toLower(t.name) = wanted
   OR any(alias IN t.aliases WHERE toLower(alias) = wanted)
MATCH (t:Task)<-[r:ADDRESSES]-(p:Paper)-[s:INTRODUCES|EVALUATES_ON|TRAINS_ON]->(d:Dataset)
WHERE r.confidence >= $min_confidence AND s.confidence >= $min_confidence
WITH t, d, count(DISTINCT p.id) AS support
OPTIONAL MATCH (d)-[said:USED_FOR|BENCHMARK_FOR]-(t)
WHERE said.confidence >= $min_confidence
RETURN d.name AS dataset, support, count(DISTINCT said.paper) AS direct, d.id AS id, t.id AS task_id
ORDER BY support DESC, direct DESC, dataset, id, task_id
LIMIT $limit
