"""Papers, authors and the mentions of all papers become the nodes and statements of one graph."""

from kgtool.resolve.graph import Graph, redirects, resolve

__all__ = ["Graph", "redirects", "resolve"]
