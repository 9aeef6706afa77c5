"""What researchers ask without a query language: which papers, what about this node, who was tried on what."""
