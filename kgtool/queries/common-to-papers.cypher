// Which methods, datasets and tasks do two papers share, and in which role each?
//
// $paper           text, required         a paper, by title, id, arXiv id or DOI, in any case
// $other           text, required         another paper, likewise
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher common-to-papers -p paper=arxiv:2603.90223 -p other=arxiv:2603.90342

WITH toLower($paper) AS wanted, toLower($other) AS second
MATCH (p:Paper)
WHERE toLower(p.id) = wanted OR toLower(p.title) = wanted
   OR toLower(p.arxivId) = wanted OR toLower(p.doi) = wanted
MATCH (o:Paper)
WHERE toLower(o.id) = second OR toLower(o.title) = second
   OR toLower(o.arxivId) = second OR toLower(o.doi) = second
MATCH (p)-[r:INTRODUCES|USES|COMPARES_WITH|EVALUATES_ON|TRAINS_ON|ADDRESSES|MENTIONS]->(e:Method|Dataset|Task)
      <-[s:INTRODUCES|USES|COMPARES_WITH|EVALUATES_ON|TRAINS_ON|ADDRESSES|MENTIONS]-(o)
WHERE o.id <> p.id AND r.confidence >= $min_confidence AND s.confidence >= $min_confidence
  AND (type(r) <> 'MENTIONS' OR r.role = 'mentions') AND (type(s) <> 'MENTIONS' OR s.role = 'mentions')
RETURN head(split(e.id, ':')) AS type, e.name AS name, e.id AS id, replace(toLower(type(r)), '_', '-') AS role,
       replace(toLower(type(s)), '_', '-') AS other_role, p.id AS paper_id, o.id AS other_id
ORDER BY type, name, id, paper_id, other_id
LIMIT $limit
