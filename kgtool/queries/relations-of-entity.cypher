// What do sentences say that relates a method, dataset or task to others?
//
// $entity          text, required         a method, dataset or task, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher relations-of-entity -p entity=Cora

WITH toLower($entity) AS wanted
MATCH (e:Method|Dataset|Task)
WHERE toLower(e.id) = wanted OR toLower(e.name) = wanted
   OR any(alias IN e.aliases WHERE toLower(alias) = wanted)
WITH collect(e.id) AS found
MATCH (h)-[r:USED_FOR|PART_OF|SUB_CLASS_OF|SUB_TASK_OF|BENCHMARK_FOR|TRAINED_WITH|EVALUATED_WITH|COMPARED_TO]->(t)
WHERE (h.id IN found OR t.id IN found) AND r.confidence >= $min_confidence
RETURN h.id AS head_id, type(r) AS relationship, t.id AS tail_id, r.paper AS paper, r.confidence AS confidence,
       r.sentence AS sentence
ORDER BY relationship, head_id, tail_id, paper
LIMIT $limit
