// Which papers compare with a method, and in which sentence?
//
// $method          text, required         a method, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher comparisons-with-method -p method=PPO

WITH toLower($method) AS wanted
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (p:Paper)-[r:COMPARES_WITH]->(m)
WHERE r.confidence >= $min_confidence
RETURN p.id AS paper, p.title AS title, p.published AS published, r.confidence AS confidence,
       r.sentence AS sentence, m.id AS method_id
ORDER BY coalesce(published, '') DESC, paper, method_id
LIMIT $limit
