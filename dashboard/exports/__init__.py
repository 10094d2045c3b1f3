"""Documents as functions from a frame to bytes, without Streamlit."""
