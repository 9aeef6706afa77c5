"""Pictures of the knowledge graph, as PNG, SVG and interactive HTML: each a function that gives a picture to save.

>>> from pathlib import Path
>>> from kgtool.plot.pairs import matrix
>>> matrix(Path("kg")).save(Path("matrix.svg"))  # doctest: +SKIP
"""
