// Which other papers share methods, datasets and tasks with a paper?
//
// $paper           text, required         a paper, by title, id, arXiv id or DOI, in any case
// $max_papers      count, default 50      leave out what more papers than this have: it tells little
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 20      at most so many rows
//
// kgtool cypher papers-near-paper -p paper=arxiv:2603.90223

WITH toLower($paper) AS wanted
MATCH (p:Paper)
WHERE toLower(p.id) = wanted OR toLower(p.title) = wanted
   OR toLower(p.arxivId) = wanted OR toLower(p.doi) = wanted
MATCH (p:Paper)-[r:INTRODUCES|USES|COMPARES_WITH|EVALUATES_ON|TRAINS_ON|ADDRESSES]->(e:Method|Dataset|Task)
      <-[s:INTRODUCES|USES|COMPARES_WITH|EVALUATES_ON|TRAINS_ON|ADDRESSES]-(o:Paper)
WHERE o.id <> p.id AND e.papers <= $max_papers AND r.confidence >= $min_confidence AND s.confidence >= $min_confidence
RETURN o.id AS other, o.title AS title, o.published AS published, count(DISTINCT e.id) AS shared
ORDER BY shared DESC, other
LIMIT $limit
