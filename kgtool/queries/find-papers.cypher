// Which papers have a text in their title or abstract?
//
// $text   text, required     a piece of the text, in any case
// $limit  count, default 50  at most so many rows
//
// kgtool cypher find-papers -p text=offline

WITH toLower($text) AS wanted
MATCH (p:Paper)
WHERE toLower(p.title) CONTAINS wanted OR toLower(p.abstract) CONTAINS wanted
RETURN p.id AS paper, p.title AS title, p.published AS published
ORDER BY coalesce(published, '') DESC, paper
LIMIT $limit
