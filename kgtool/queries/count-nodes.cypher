// How many nodes of each class are there?
//
// kgtool cypher count-nodes

MATCH (n:Author) WITH count(n) AS nodes WHERE nodes > 0 RETURN 'Author' AS class, nodes
UNION ALL
MATCH (n:Category) WITH count(n) AS nodes WHERE nodes > 0 RETURN 'Category' AS class, nodes
UNION ALL
MATCH (n:Dataset) WITH count(n) AS nodes WHERE nodes > 0 RETURN 'Dataset' AS class, nodes
UNION ALL
MATCH (n:Digest) WITH count(n) AS nodes WHERE nodes > 0 RETURN 'Digest' AS class, nodes
UNION ALL
MATCH (n:Method) WITH count(n) AS nodes WHERE nodes > 0 RETURN 'Method' AS class, nodes
UNION ALL
MATCH (n:Paper) WITH count(n) AS nodes WHERE nodes > 0 RETURN 'Paper' AS class, nodes
UNION ALL
MATCH (n:Task) WITH count(n) AS nodes WHERE nodes > 0 RETURN 'Task' AS class, nodes
