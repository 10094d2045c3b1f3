"""Make the kept store of the format of today; run once per format, never again.

python -m tests.kept.make_store tests/kept/format-1
"""

import sys
from pathlib import Path

from data.ingest import ingest
from data.intake import Request
from data.wayback import withdraw

FILES = {
    "halls": "hall_id,name,level,parent_id\nH1,市民中心,city,\nH2,天元区政务服务中心,county,H1\n",
    "departments": "department_id,name\nD1,公安局\nD2,税务局\n",
    "counters": ("counter_id,name,hall_id,department_id\nC1,公安窗口,H1,D1\nC2,税务窗口,H2,D2\n"),
    "ratings": (
        "rating_id,case_id,counter_id,rated_at,grade,origin\n"
        "R1,K1,C1,2019-08-01 10:00:00,5,active\nR2,K2,C1,2019-08-02 10:00:00,2,active\n"
        "R3,K2,C1,2019-08-20 10:00:00,5,active\nR4,K3,C2,2019-08-05 10:00:00,3,default\n"
        "R5,K4,C2,2019-08-06 10:00:00,4,\nR6,K5,C9,2019-08-06 10:00:00,4,\n"
    ),
    "tickets": (
        "ticket_id,counter_id,taken_at,called_at,finished_at,status\n"
        "T1,C1,2019-08-01 09:30:00,2019-08-01 09:40:00,2019-08-01 10:00:00,served\n"
        "T2,C2,2019-08-01 09:31:00,,2019-08-01 10:00:00,abandoned\n"
    ),
    "cases": (
        "case_id,counter_id,received_at,closed_at,due_at\n"
        "K1,C1,2019-08-01 10:00:00,2019-08-03 10:00:00,2019-08-05 10:00:00\n"
        "K2,C1,2019-08-01 10:00:00,,2019-08-05 10:00:00\n"
    ),
    "cases-2": (
        "case_id,counter_id,received_at,closed_at,due_at\n"
        "K2,C1,2019-08-01 10:00:00,2019-08-09 10:00:00,2019-08-05 10:00:00\n"
    ),
    "ratings-2": (
        "rating_id,case_id,counter_id,rated_at,grade,origin\nR9,K9,C1,2019-08-07 10:00:00,1,\n"
    ),
}


def main(home: Path) -> None:
    for name, text in FILES.items():
        path = home.parent / f"{name}.csv"
        path.write_text(text, "utf-8")
        batch = ingest(home, Request(path, name.split("-")[0], "canonical"))
        path.unlink()
    withdraw(home, batch.no, "kept: a withdrawn batch")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
