"""The knowledge graph on disk: the corpus, and the views of it that answer queries."""
