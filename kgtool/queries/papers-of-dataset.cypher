// Which papers have a dataset, in which role, and where do they say so?
//
// $dataset         text, required         a dataset, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher papers-of-dataset -p dataset=ImageNet

WITH toLower($dataset) AS wanted
MATCH (d:Dataset)
WHERE toLower(d.id) = wanted OR toLower(d.name) = wanted
   OR any(alias IN d.aliases WHERE toLower(alias) = wanted)
MATCH (p:Paper)-[r:INTRODUCES|EVALUATES_ON|TRAINS_ON|MENTIONS]->(d)
WHERE r.confidence >= $min_confidence AND (type(r) <> 'MENTIONS' OR r.role = 'mentions')
RETURN p.id AS paper, p.title AS title, p.published AS published, replace(toLower(type(r)), '_', '-') AS role,
       r.confidence AS confidence, r.sentence AS sentence, d.id AS dataset_id
ORDER BY coalesce(published, '') DESC, paper, dataset_id
LIMIT $limit
