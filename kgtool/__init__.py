"""From paper digests to a knowledge graph of papers, authors, methods, datasets and tasks."""

__version__ = "0.1.0"

__all__ = ["__version__"]
