"""The division in the name of a hall: 云田镇 in 云田镇便民服务中心."""

import statistics
from collections.abc import Iterable

ENDINGS = (
    "政务服务中心",
    "政务服务大厅",
    "行政服务中心",
    "便民服务中心",
    "便民服务站",
    "便民服务点",
    "便民服务室",
    "为民服务站",
    "市民中心",
    "政务大厅",
    "服务中心",
    "服务站",
)
# How the names of divisions end; 一号大厅 or another name of a hall's own does not.
KINDS = tuple("省市州盟区县旗乡镇道村社处会组场园区局")
RANKS = (
    "街道办事处",
    "社区居民委员会",
    "村民委员会",
    "街道",
    "社区",
    "镇",
    "乡",
    "村",
    "区",
    "县",
    "市",
)


def division_name(hall: str) -> str:
    """The name of the division without the ending that makes it a hall; may be empty."""
    return hall.removesuffix(_ending(hall))


def core_name(division: str) -> str:
    """The name without what the place is: 龙头铺 of 龙头铺镇 and of 龙头铺街道."""
    kinds = [one for one in RANKS if division.endswith(one) and len(division) > len(one) + 1]
    return division.removesuffix(max(kinds, key=len, default=""))


def hall_name(division: str, old: str) -> str:
    """The name of a hall after its division got a name; one of its own stays as it is."""
    before = division_name(old)
    if before == division or not before.endswith(KINDS):
        return old
    return division + _ending(old)


def usual_ending(halls: Iterable[str]) -> str:
    """The ending that most of the halls have; empty where they have none."""
    return statistics.mode([*(_ending(hall) for hall in halls)] or [""])


def _ending(hall: str) -> str:
    fitting = [one for one in ENDINGS if hall.endswith(one)]
    return max(fitting, key=len, default="")
