"""One exception tree, and what each branch means for the exit code.

KgtoolError                 exit code 2
├── InputError              a digest, a record file or an option that cannot be read as it should
├── QueryError              a query that cannot be run: syntax, not read-only, unknown term
│   ├── QueryTimeout        a query that took longer than it may
│   └── QueryTooLarge       a query that wants more memory than it may have, or whose answer is too large
├── StoreError              the knowledge graph on disk is missing, locked or of another version
│   └── TornView            a view on disk is damaged: it can be made again from the corpus
├── ServerError             a server that refuses, or answers something that is no answer
│   └── ServerUnavailable   a server that cannot be reached, or not now
├── ModelError              the extraction model is missing or does not fit
└── NothingFound            an honest no: exit code 1
"""

from __future__ import annotations

EXIT_NO = 1
EXIT_FAILURE = 2
EXIT_INTERRUPTED = 130


class KgtoolError(Exception):
    """Base of everything that kgtool raises on purpose; its text is one line for the user."""

    exit_code = EXIT_FAILURE


class InputError(KgtoolError):
    """An input that cannot be read; names the file, the line and what was expected."""


class QueryError(KgtoolError):
    """A query that is not run; the text may hold further lines that point at the place."""


class QueryTimeout(QueryError):
    """A query was stopped because its time was up."""


class QueryTooLarge(QueryError):
    """A query that needs more memory than it may have, or whose answer is larger than one may be."""


class StoreError(KgtoolError):
    """The knowledge graph on disk is missing, held by another process, or of another version."""


class TornView(StoreError):
    """A view on disk is damaged: it can be made again from the corpus."""


class ServerError(KgtoolError):
    """A server that refuses, or answers something that is no answer."""


class ServerUnavailable(ServerError):
    """A server that cannot be reached, breaks off, or has no time now: asked again, it may answer."""


class ModelError(KgtoolError):
    """The extraction model is missing, or was made for other versions."""


class NothingFound(KgtoolError):
    """Nothing was found, or the graph is not valid: an answer, not a failure."""

    exit_code = EXIT_NO
