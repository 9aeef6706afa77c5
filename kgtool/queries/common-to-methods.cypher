// On which datasets and tasks do papers of one method and papers of another both work, and how many of each?
//
// $method          text, required         a method, by name, alias or id, in any case
// $other           text, required         another method, likewise
// $min_confidence  confidence, default 0  leave out edges that are less sure
// $limit           count, default 50      at most so many rows
//
// kgtool cypher common-to-methods -p method=GCN -p other=GAT

WITH toLower($method) AS wanted, toLower($other) AS second
MATCH (m:Method)
WHERE toLower(m.id) = wanted OR toLower(m.name) = wanted
   OR any(alias IN m.aliases WHERE toLower(alias) = wanted)
MATCH (o:Method)
WHERE toLower(o.id) = second OR toLower(o.name) = second
   OR any(alias IN o.aliases WHERE toLower(alias) = second)
MATCH (m:Method)<-[r:INTRODUCES|USES|COMPARES_WITH]-(p:Paper)
      -[s:INTRODUCES|EVALUATES_ON|TRAINS_ON|ADDRESSES]->(e:Dataset|Task)
WHERE m.id <> o.id AND r.confidence >= $min_confidence AND s.confidence >= $min_confidence
MATCH (e:Dataset|Task)<-[t:INTRODUCES|EVALUATES_ON|TRAINS_ON|ADDRESSES]-(q:Paper)
      -[u:INTRODUCES|USES|COMPARES_WITH]->(o:Method)
WHERE t.confidence >= $min_confidence AND u.confidence >= $min_confidence
RETURN head(split(e.id, ':')) AS type, e.name AS name, e.id AS id,
       count(DISTINCT p.id) AS papers, count(DISTINCT q.id) AS other_papers
ORDER BY type, papers + other_papers DESC, name, id
LIMIT $limit
