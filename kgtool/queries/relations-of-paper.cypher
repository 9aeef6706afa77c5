// How does a paper relate methods, datasets and tasks to each other, and in which sentence?
//
// $paper           text, required         a paper, by title, id, arXiv id or DOI, in any case
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 100     at most so many rows
//
// kgtool cypher relations-of-paper -p paper=arxiv:2603.90223

WITH toLower($paper) AS wanted
MATCH (p:Paper)
WHERE toLower(p.id) = wanted OR toLower(p.title) = wanted
   OR toLower(p.arxivId) = wanted OR toLower(p.doi) = wanted
MATCH (h)-[r:USED_FOR|PART_OF|SUB_CLASS_OF|SUB_TASK_OF|BENCHMARK_FOR|TRAINED_WITH|EVALUATED_WITH|COMPARED_TO]->(t)
WHERE r.paper = p.id AND r.confidence >= $min_confidence
RETURN h.name AS head, type(r) AS relationship, t.name AS tail, r.confidence AS confidence, r.sentence AS sentence,
       h.id AS head_id, t.id AS tail_id, p.id AS paper_id
ORDER BY paper_id, relationship, head_id, tail_id
LIMIT $limit
