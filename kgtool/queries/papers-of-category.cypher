// Which papers are in a category?
//
// $category  text, required      a category, by name or id, in any case
// $limit     count, default 100  at most so many rows
//
// kgtool cypher papers-of-category -p category=cs.LG

WITH toLower($category) AS wanted
MATCH (p:Paper)-[:IN_CATEGORY]->(c:Category)
WHERE toLower(c.id) = wanted OR toLower(c.name) = wanted
RETURN p.id AS paper, p.title AS title, p.published AS published, c.id AS category_id
ORDER BY coalesce(published, '') DESC, paper, category_id
LIMIT $limit
