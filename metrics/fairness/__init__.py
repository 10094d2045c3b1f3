"""Fair comparison: how sure a number is, and who can be told apart. Frames in, frames out."""
