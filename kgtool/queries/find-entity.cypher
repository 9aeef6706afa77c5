// Which methods, datasets and tasks have a text in their name or an alias?
//
// $text   text, required     a piece of a name, in any case
// $limit  count, default 50  at most so many rows
//
// kgtool cypher find-entity -p text=diffusion

WITH toLower($text) AS wanted
MATCH (e:Method|Dataset|Task)
WHERE toLower(e.name) CONTAINS wanted OR any(alias IN e.aliases WHERE toLower(alias) CONTAINS wanted)
RETURN head(split(e.id, ':')) AS type, e.name AS name, e.id AS id, e.papers AS papers
ORDER BY papers DESC, type, name, id
LIMIT $limit
