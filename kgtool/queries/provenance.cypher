// Where does it come from that two nodes are linked: paper, sentence, place, confidence, extractor?
//
// $from   text, required      the id of the node where the edge begins, in any case
// $to     text, required      the id of the node where it ends, in any case
// $limit  count, default 100  at most so many rows
//
// kgtool cypher provenance -p from=arxiv:2603.90223 -p to=dataset:d4rl

WITH toLower($from) AS source, toLower($to) AS target
MATCH (s:Paper|Method|Dataset|Task)-[r]->(o:Method|Dataset|Task)
WHERE toLower(s.id) = source AND toLower(o.id) = target AND (type(r) <> 'MENTIONS' OR r.role = 'mentions')
RETURN type(r) AS relationship, r.paper AS paper, r.sentence AS sentence, r.charStart AS start, r.charEnd AS stop,
       r.confidence AS confidence, r.extractor AS extractor
ORDER BY relationship, paper, start
LIMIT $limit
