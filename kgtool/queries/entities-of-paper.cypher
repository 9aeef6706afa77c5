// What does a paper introduce, use, compare with, evaluate on and address, and in which sentence?
//
// $paper           text, required         a paper, by title, id, arXiv id or DOI, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher entities-of-paper -p paper=arxiv:2603.90223

WITH toLower($paper) AS wanted
MATCH (p:Paper)
WHERE toLower(p.id) = wanted OR toLower(p.title) = wanted
   OR toLower(p.arxivId) = wanted OR toLower(p.doi) = wanted
MATCH (p)-[r:INTRODUCES|USES|COMPARES_WITH|EVALUATES_ON|TRAINS_ON|ADDRESSES|MENTIONS]->(e:Method|Dataset|Task)
WHERE r.confidence >= $min_confidence AND (type(r) <> 'MENTIONS' OR r.role = 'mentions')
RETURN replace(toLower(type(r)), '_', '-') AS role, head(split(e.id, ':')) AS type, e.name AS name, e.id AS id,
       r.confidence AS confidence, r.sentence AS sentence, p.id AS paper_id
ORDER BY paper_id, role, type, name, id
LIMIT $limit
