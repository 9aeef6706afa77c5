// Which papers did an author write, and at which place among the authors?
//
// $author  text, required      an author, by name or id, in any case
// $limit   count, default 100  at most so many rows
//
// kgtool cypher papers-of-author -p author='Priya Sankarlal'

WITH toLower($author) AS wanted
MATCH (a:Author)-[r:WROTE]->(p:Paper)
WHERE toLower(a.id) = wanted OR toLower(a.name) = wanted
RETURN p.id AS paper, p.title AS title, p.published AS published, r.position AS position, a.id AS author_id
ORDER BY coalesce(published, '') DESC, paper, author_id
LIMIT $limit
