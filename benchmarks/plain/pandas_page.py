"""A plain Streamlit page with pandas: month → figures, a chart by county, the ranked table."""

import os

import altair as alt
import pandas as pd
import streamlit as st


@st.cache_data
def cube() -> pd.DataFrame:
    """counter × month with the sums of two rates, and a score."""
    return pd.read_parquet(os.environ["PLAIN_CUBE"])


st.set_page_config(layout="wide")
rows = cube()
months = sorted(rows["month"].unique(), reverse=True)
month = st.selectbox("Month", months)
here = rows[rows["month"] == month]
trail = rows.groupby("month")[["good", "rated", "short", "waited", "served"]].sum().tail(12)
columns = st.columns(3)
pairs = (("good", "rated"), ("short", "waited"))
for column, (n, d) in zip(columns, pairs, strict=False):
    column.metric(n, f"{here[n].sum() / here[d].sum():.2%}")
    column.line_chart(trail[n] / trail[d], height=80)
columns[2].metric("served", f"{here['served'].sum():,}")
counties = here.groupby("county")[["good", "rated"]].sum().reset_index()
counties["rate"] = counties["good"] / counties["rated"]
chart = alt.Chart(counties).mark_bar().encode(x="rate", y=alt.Y("county", sort="-x"))
st.altair_chart(chart, width="stretch")
ranked = here.sort_values("score", ascending=False)
ranked["rank"] = ranked["score"].rank(method="min", ascending=False)
st.dataframe(ranked)
