// Which papers does a digest list, in its order?
//
// $digest  text, required      a digest, by name or id, in any case
// $limit   count, default 100  at most so many rows
//
// kgtool cypher papers-of-digest -p digest=digest:conference

WITH toLower($digest) AS wanted
MATCH (p:Paper)-[r:LISTED_IN]->(d:Digest)
WHERE toLower(d.id) = wanted OR toLower(d.name) = wanted
RETURN r.rank AS rank, p.id AS paper, p.title AS title, p.published AS published, d.id AS digest_id
ORDER BY digest_id, coalesce(rank, 0), paper
LIMIT $limit
