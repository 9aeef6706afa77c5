// Which papers have a method, in which role, and where do they say so?
//
// $method          text, required         a method, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher papers-of-method -p method=GRPO

WITH toLower($method) AS wanted
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (p:Paper)-[r:INTRODUCES|USES|COMPARES_WITH|MENTIONS]->(m)
WHERE r.confidence >= $min_confidence AND (type(r) <> 'MENTIONS' OR r.role = 'mentions')
RETURN p.id AS paper, p.title AS title, p.published AS published, replace(toLower(type(r)), '_', '-') AS role,
       r.confidence AS confidence, r.sentence AS sentence, m.id AS method_id
ORDER BY coalesce(published, '') DESC, paper, method_id
LIMIT $limit
