// Which sentences say that a method was evaluated or trained with a dataset?
//
// $method          text, required         a method, by name, alias or id, in any case
// $dataset         text, required         a dataset, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher method-on-dataset-said -p method=PebbleLoRA -p dataset=GLUE

WITH toLower($method) AS wanted, toLower($dataset) AS second
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (d:Dataset)
WHERE toLower(d.id) = second OR toLower(d.name) = second
   OR any(alias IN d.aliases WHERE toLower(alias) = second)
MATCH (m)-[r:EVALUATED_WITH|TRAINED_WITH]->(d)
WHERE r.confidence >= $min_confidence
MATCH (p:Paper)
WHERE p.id = r.paper
RETURN p.id AS paper, p.title AS title, p.published AS published, type(r) AS relationship,
       r.confidence AS confidence, r.sentence AS sentence, m.id AS method_id, d.id AS dataset_id
ORDER BY coalesce(published, '') DESC, paper, relationship, method_id, dataset_id
LIMIT $limit
