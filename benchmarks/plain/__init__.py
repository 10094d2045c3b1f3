"""What somebody would write in an afternoon: plain Streamlit pages on the same pre-aggregate."""
