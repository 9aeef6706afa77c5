// Which methods, datasets and tasks does only this digest have?
//
// $digest  text, required     a digest, by name or id, in any case
// $limit   count, default 50  at most so many rows
//
// kgtool cypher new-in-digest -p digest=digest:conference

WITH toLower($digest) AS wanted
MATCH (d:Digest)<-[:LISTED_IN]-(p:Paper)-[:MENTIONS]->(e:Method|Dataset|Task)
WHERE toLower(d.id) = wanted OR toLower(d.name) = wanted
WITH d, e, count(DISTINCT p.id) AS papers
MATCH (e:Method|Dataset|Task)<-[:MENTIONS]-(q:Paper)
WITH d, e, papers, count(DISTINCT q.id) AS everywhere
WHERE papers = everywhere
RETURN head(split(e.id, ':')) AS type, e.name AS name, e.id AS id, max(papers) AS papers
ORDER BY papers DESC, type, name, id
LIMIT $limit
