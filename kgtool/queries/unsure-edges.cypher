// Which edges are the least sure, and what do they rest on?
//
// $max_confidence  confidence, default 0.5  leave out edges that are surer
// $limit           count, default 50        at most so many rows
//
// kgtool cypher unsure-edges -p max_confidence=0.4

MATCH (s:Paper|Method|Dataset|Task)-[r]->(o:Method|Dataset|Task)
WHERE r.confidence <= $max_confidence AND (type(r) <> 'MENTIONS' OR r.role = 'mentions')
RETURN s.id AS subject, type(r) AS relationship, o.id AS object, r.confidence AS confidence, r.paper AS paper,
       r.sentence AS sentence
ORDER BY confidence, subject, relationship, object, paper
LIMIT $limit
