"""Charts as functions from a frame to a picture, without Streamlit."""
