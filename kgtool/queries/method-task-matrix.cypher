// How many papers have both a method and a task in roles that count, and how many relate them in a sentence?
//
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher method-task-matrix -p limit=5

MATCH (m:Method)<-[r:INTRODUCES|USES|COMPARES_WITH]-(p:Paper)-[s:ADDRESSES]->(t:Task)
WHERE r.confidence >= $min_confidence AND s.confidence >= $min_confidence
WITH m, t, count(DISTINCT p.id) AS support
OPTIONAL MATCH (m)-[said:USED_FOR]-(t)
WHERE said.confidence >= $min_confidence
RETURN m.name AS method, t.name AS task, support, count(DISTINCT said.paper) AS direct,
       m.id AS method_id, t.id AS task_id
ORDER BY support DESC, direct DESC, method, task, method_id, task_id
LIMIT $limit
