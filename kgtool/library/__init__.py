"""The library: ``kgtool.open("kg")`` gives a `KnowledgeGraph`, whose methods are the commands.

Nothing heavy is imported before it is used. Each method calls the function of the same name, whose documentation says
more; all answers are `kgtool.records.Table`, unless the method says otherwise.
"""

from kgtool.library.graph import KnowledgeGraph, open
from kgtool.library.pictures import Pictures

__all__ = ["KnowledgeGraph", "Pictures", "open"]
