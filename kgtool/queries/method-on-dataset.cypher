// Which papers try a method on a dataset, and where do they speak of each?
//
// $method          text, required         a method, by name, alias or id, in any case
// $dataset         text, required         a dataset, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher method-on-dataset -p method=GCN -p dataset=Cora

WITH toLower($method) AS wanted, toLower($dataset) AS second
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (d:Dataset)
WHERE toLower(d.id) = second OR toLower(d.name) = second
   OR any(alias IN d.aliases WHERE toLower(alias) = second)
MATCH (m:Method)<-[r:INTRODUCES|USES|COMPARES_WITH]-(p:Paper)-[s:INTRODUCES|EVALUATES_ON|TRAINS_ON]->(d:Dataset)
WHERE r.confidence >= $min_confidence AND s.confidence >= $min_confidence
RETURN p.id AS paper, p.title AS title, p.published AS published,
       replace(toLower(type(r)), '_', '-') AS method_role, replace(toLower(type(s)), '_', '-') AS dataset_role,
       r.sentence AS method_sentence, s.sentence AS dataset_sentence, m.id AS method_id, d.id AS dataset_id
ORDER BY coalesce(published, '') DESC, paper, method_id, dataset_id
LIMIT $limit
