"""Fair comparison: frames in, frames out, above the methods; for notebooks, pages and commands."""
