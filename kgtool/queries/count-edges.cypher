// How many edges of each relationship type are there?
//
// kgtool cypher count-edges

MATCH (:Author|Paper|Method|Dataset|Task)-[r]->(:Paper|Category|Digest|Method|Dataset|Task)
RETURN type(r) AS relationship, count(*) AS edges
ORDER BY relationship
