// Under which other names does a method, dataset or task go?
//
// $entity  text, required      a method, dataset or task, by name, alias or id, in any case
// $limit   count, default 100  at most so many rows
//
// kgtool cypher aliases -p entity=LoRA

WITH toLower($entity) AS wanted
MATCH (e:Method|Dataset|Task)
WHERE toLower(e.id) = wanted OR toLower(e.name) = wanted
   OR any(alias IN e.aliases WHERE toLower(alias) = wanted)
UNWIND e.aliases AS alias
RETURN head(split(e.id, ':')) AS type, e.name AS name, alias, e.id AS id
ORDER BY id, alias
LIMIT $limit
