"""The graph to servers: incremental, resumable, and never touching what kgtool did not write."""
