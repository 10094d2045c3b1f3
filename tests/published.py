"""Published figures that shrinkage is compared with, typed in with their source."""

import numpy as np

# Tarone 1982, Biometrics 38:215, as in Gelman et al., Bayesian Data Analysis, table 5.1: rats with
# endometrial stromal polyps in 71 control groups, the last one the current experiment.
_RATS = (
    "0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 "
    "1/19 1/19 1/18 1/18 2/25 2/24 2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 "
    "2/17 7/49 7/47 3/20 3/20 2/13 9/48 10/50 4/20 4/20 4/20 4/20 4/20 4/20 4/20 10/48 4/19 4/19 "
    "4/19 5/22 11/46 12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20 6/20 16/52 15/46 15/47 9/24 4/14"
)
RATS = np.array([one.split("/") for one in _RATS.split()], dtype=float).T
# BayesGOF (R), vignette: maximum of the likelihood of the 70 earlier groups, alpha and beta.
RATS_MLE = (2.304768, 14.079707)
# Gelman et al., §5.3: means of alpha and beta under the prior (alpha + beta)^(−5/2), 71 groups.
RATS_MEANS = (2.4, 14.3)

# Efron & Morris 1975, JASA 70:311, table 1: hits in the first 45 at bats, and the average of the
# rest of the season, of 18 players. All rows compared with R, pscl::EfronMorris.
HITS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7], float)
_REST = (
    "0.346 0.298 0.276 0.222 0.273 0.270 0.263 0.210 0.269 "
    "0.230 0.264 0.256 0.303 0.264 0.226 0.285 0.316 0.200"
)
REST = np.array(_REST.split(), dtype=float)

# Colditz et al. 1994, JAMA 271:698 (metafor, dat.bcg): tuberculosis yes and no, vaccinated and not.
BCG = np.array(
    [
        (4, 119, 11, 128),
        (6, 300, 29, 274),
        (3, 228, 11, 209),
        (62, 13536, 248, 12619),
        (33, 5036, 47, 5761),
        (180, 1361, 372, 1079),
        (8, 2537, 10, 619),
        (505, 87886, 499, 87892),
        (29, 7470, 45, 7232),
        (17, 1699, 65, 1600),
        (186, 50448, 141, 27197),
        (5, 2493, 3, 2338),
        (27, 16886, 29, 17825),
    ],
    dtype=float,
)
BCG_REML = 0.3132  # tau² of the log relative risks, metafor::rma(method = "REML")

# Rubin 1981, J. Educ. Stat. 6:377 (Gelman et al., table 5.2): eight schools, effect and error. They
# are those of Rubin's table 1, 28.39 ± 14.9 to 12.16 ± 17.6, rounded (R, stevedata::eight_schools).
SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
SCHOOLS_ERROR = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
