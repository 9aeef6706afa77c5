// How many nodes of each class are there?
//
// kgtool cypher count-nodes

OPTIONAL MATCH (author:Author) WITH count(author) AS authors
OPTIONAL MATCH (category:Category) WITH authors, count(category) AS categories
OPTIONAL MATCH (dataset:Dataset) WITH authors, categories, count(dataset) AS datasets
OPTIONAL MATCH (digest:Digest) WITH authors, categories, datasets, count(digest) AS digests
OPTIONAL MATCH (method:Method) WITH authors, categories, datasets, digests, count(method) AS methods
OPTIONAL MATCH (paper:Paper) WITH authors, categories, datasets, digests, methods, count(paper) AS papers
OPTIONAL MATCH (task:Task) WITH authors, categories, datasets, digests, methods, papers, count(task) AS tasks
UNWIND [
  {class: 'Author', nodes: authors}, {class: 'Category', nodes: categories}, {class: 'Dataset', nodes: datasets},
  {class: 'Digest', nodes: digests}, {class: 'Method', nodes: methods}, {class: 'Paper', nodes: papers},
  {class: 'Task', nodes: tasks}
] AS row
WITH row.class AS class, row.nodes AS nodes
WHERE nodes > 0
RETURN class, nodes
ORDER BY class
