"""One file per page: read the state, ask for a frame, draw, offer the export.

Not named `pages`: Streamlit takes a folder of that name beside the script for pages of its old
kind and answers the first deep link of a process with a blank page (`uses_pages_directory`).
"""
