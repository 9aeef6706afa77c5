// Which methods do papers on a task take, how many, and how many say so in a sentence?
//
// $task            text, required         a task, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher methods-for-task -p task='image classification'

WITH toLower($task) AS wanted
MATCH (t:Task)
WHERE toLower(t.id) = wanted OR toLower(t.name) = wanted
   OR any(alias IN t.aliases WHERE toLower(alias) = wanted)
MATCH (t:Task)<-[r:ADDRESSES]-(p:Paper)-[s:INTRODUCES|USES|COMPARES_WITH]->(m:Method)
WHERE r.confidence >= $min_confidence AND s.confidence >= $min_confidence
WITH t, m, count(DISTINCT p.id) AS support
OPTIONAL MATCH (m)-[said:USED_FOR]-(t)
WHERE said.confidence >= $min_confidence
RETURN m.name AS method, support, count(DISTINCT said.paper) AS direct, m.id AS id, t.id AS task_id
ORDER BY support DESC, direct DESC, method, id, task_id
LIMIT $limit
