"""The same page with DuckDB: each block asks the parquet file anew."""

import os

import altair as alt
import duckdb
import streamlit as st

PATH = os.environ["PLAIN_CUBE"]


@st.cache_resource
def connection() -> duckdb.DuckDBPyConnection:
    """One connection for all viewers."""
    return duckdb.connect(":memory:")


def ask(sql: str, *values: object):
    """A frame from the file."""
    return connection().cursor().sql(sql.replace("CUBE", f"'{PATH}'"), params=list(values)).df()


st.set_page_config(layout="wide")
months = ask("SELECT DISTINCT month FROM CUBE ORDER BY month DESC")["month"].tolist()
month = st.selectbox("Month", months)
sums = "SUM(good) AS good, SUM(rated) AS rated, SUM(short) AS short, SUM(waited) AS waited"
here = ask(f"SELECT {sums}, SUM(served) AS served FROM CUBE WHERE month = ?", month).iloc[0]
trail = ask(f"SELECT month, {sums} FROM CUBE GROUP BY month ORDER BY month DESC LIMIT 12")
trail = trail.sort_values("month").set_index("month")
columns = st.columns(3)
pairs = (("good", "rated"), ("short", "waited"))
for column, (n, d) in zip(columns, pairs, strict=False):
    column.metric(n, f"{here[n] / here[d]:.2%}")
    column.line_chart(trail[n] / trail[d], height=80)
columns[2].metric("served", f"{int(here['served']):,}")
counties = ask(
    "SELECT county, SUM(good) / SUM(rated) AS rate FROM CUBE WHERE month = ? GROUP BY county", month
)
chart = alt.Chart(counties).mark_bar().encode(x="rate", y=alt.Y("county", sort="-x"))
st.altair_chart(chart, width="stretch")
st.dataframe(
    ask(
        "SELECT *, RANK() OVER (ORDER BY score DESC) AS rank FROM CUBE WHERE month = ? "
        "ORDER BY score DESC",
        month,
    )
)
