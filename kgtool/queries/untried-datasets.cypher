// On which datasets was a method not tried, though methods that share a dataset with it were?
//
// $method          text, required         a method, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 20      at most so many rows
//
// kgtool cypher untried-datasets -p method=GRPO

WITH toLower($method) AS wanted
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (m:Method)<-[r:INTRODUCES|USES|COMPARES_WITH]-(p:Paper)-[s:INTRODUCES|EVALUATES_ON|TRAINS_ON]->(d:Dataset)
WHERE r.confidence >= $min_confidence AND s.confidence >= $min_confidence
WITH DISTINCT m, d
MATCH (d:Dataset)<-[s:INTRODUCES|EVALUATES_ON|TRAINS_ON]-(p:Paper)-[r:INTRODUCES|USES|COMPARES_WITH]->(n:Method)
WHERE n.id <> m.id AND r.confidence >= $min_confidence AND s.confidence >= $min_confidence
WITH DISTINCT m, n
MATCH (n:Method)<-[r:INTRODUCES|USES|COMPARES_WITH]-(q:Paper)-[s:INTRODUCES|EVALUATES_ON|TRAINS_ON]->(u:Dataset)
WHERE r.confidence >= $min_confidence AND s.confidence >= $min_confidence
  AND NOT EXISTS {
    MATCH (m:Method)<-[t:INTRODUCES|USES|COMPARES_WITH]-(:Paper)-[o:INTRODUCES|EVALUATES_ON|TRAINS_ON]->(u:Dataset)
    WHERE t.confidence >= $min_confidence AND o.confidence >= $min_confidence
  }
RETURN u.name AS dataset, u.id AS id, count(DISTINCT n.id) AS neighbours, count(DISTINCT q.id) AS papers
ORDER BY neighbours DESC, papers DESC, dataset, id
LIMIT $limit
