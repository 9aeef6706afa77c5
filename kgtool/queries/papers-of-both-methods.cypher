// Which papers have both of two methods, and in which role each?
//
// $method          text, required         a method, by name, alias or id, in any case
// $other           text, required         another method, likewise
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher papers-of-both-methods -p method=GCN -p other=GAT

WITH toLower($method) AS wanted, toLower($other) AS second
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (o:Method)
WHERE toLower(o.id) = second OR toLower(o.name) = second
   OR any(alias IN o.aliases WHERE toLower(alias) = second)
MATCH (m)<-[r:INTRODUCES|USES|COMPARES_WITH]-(p:Paper)-[s:INTRODUCES|USES|COMPARES_WITH]->(o)
WHERE m.id <> o.id AND r.confidence >= $min_confidence AND s.confidence >= $min_confidence
RETURN p.id AS paper, p.title AS title, p.published AS published, replace(toLower(type(r)), '_', '-') AS role,
       replace(toLower(type(s)), '_', '-') AS other_role, m.id AS method_id, o.id AS other_id
ORDER BY coalesce(published, '') DESC, paper, method_id, other_id
LIMIT $limit
