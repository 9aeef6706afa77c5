"""From paper digests to a knowledge graph of papers, authors, methods, datasets and tasks.

``kgtool.open("kg")`` gives the graph that ``kgtool build`` made.
"""

__version__ = "0.1.0"

from kgtool.library import KnowledgeGraph, open

__all__ = ["KnowledgeGraph", "__version__", "open"]
