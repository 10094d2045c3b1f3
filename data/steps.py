"""The named steps of a batch in their order; a crash may fall between any two."""

NAMES = (
    "typed",  # the file is read, typed and judged; nothing of it is on disk yet
    "files_written",  # event files lie in the table's folder, unknown to the table
    "quarantine_written",
    "units_written",
    "ids_written",
    "report_written",
    "staged_synced",  # all of the above is on stable storage
    "committed",  # the one commit point
    "commit_synced",
    "indexed",  # derived: the id runs are few again
)
# The steps of a pull around those of its batch.
PULL_NAMES = (
    "pull_reading",  # the first rows lie in the spool
    "pull_spooled",  # all rows do, and the session with the source is over
    "pull_ingested",  # the batch is committed, the watermark is still the old one
    "pull_marked",
)

# Around the ingest of a file from an inbox.
INBOX_NAMES = (
    "inbox_taken",  # its batch counts (or it was refused); the file lies where it lay
    "inbox_noted",  # the report has its line
    "inbox_moved",  # it lies in the archive or among the refused
)


def reached(name: str) -> None:
    """Mark that a step is complete; the fault tests replace this to stop there."""
    assert name in NAMES + PULL_NAMES + INBOX_NAMES, name
