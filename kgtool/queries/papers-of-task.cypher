// Which papers have a task, in which role, and where do they say so?
//
// $task            text, required         a task, by name, alias or id, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher papers-of-task -p task='node classification'

WITH toLower($task) AS wanted
MATCH (t:Task)
WHERE toLower(t.id) = wanted OR toLower(t.name) = wanted
   OR any(alias IN t.aliases WHERE toLower(alias) = wanted)
MATCH (p:Paper)-[r:ADDRESSES|MENTIONS]->(t)
WHERE r.confidence >= $min_confidence AND (type(r) <> 'MENTIONS' OR r.role = 'mentions')
RETURN p.id AS paper, p.title AS title, p.published AS published, replace(toLower(type(r)), '_', '-') AS role,
       r.confidence AS confidence, r.sentence AS sentence, t.id AS task_id
ORDER BY coalesce(published, '') DESC, paper, task_id
LIMIT $limit
