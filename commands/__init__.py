"""Groups of the command line, one file each; every import of a room is lazy."""
