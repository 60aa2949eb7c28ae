#!/usr/bin/env python3
"""Writes the labelled corpus of text results: python3 generate.py FOLDER.

Needs pandas, statsmodels, tabulate and R (R_COMMAND says how to call Rscript in R_FOLDER, a folder that both see).
The data are the public-domain samples that statsmodels ships, and seeded numbers where none fit."""
import sys
import warnings

import half_a
import half_b
import half_c

warnings.filterwarnings("ignore")
half_a.build(f"{sys.argv[1]}/a")
half_b.build(f"{sys.argv[1]}/b")
half_c.build(f"{sys.argv[1]}/c")
