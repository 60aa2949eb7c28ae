#!/usr/bin/env python3
"""Writes the labelled corpus: python3 generate.py FOLDER [PART...].

Needs the packages of requirements.txt. Parts a to c call R by R_COMMAND in R_FOLDER (a folder that both see); parts d and e
call R, LibreOffice (calc and writer, without a screen), pandoc, qpdf and zip as Debian 12 packs them (r-base-core, r-cran-knitr,
r-cran-rmarkdown, r-cran-xtable, r-cran-haven, libreoffice-calc-nogui, libreoffice-writer-nogui), and a Jupyter kernel python3. Part g
calls pspp, sqlite3, gnuplot (gnuplot-nox), pdflatex (texlive-latex-recommended) and R's survival, dplyr, ggplot2, openxlsx,
gmodels, psych, plm, broom besides; part i gretlcli (gretl) and R's nlme, MASS, survey, Hmisc, Epi, flextable besides.
The data are the public-domain samples that statsmodels ships, and seeded numbers where none fit. Dates inside office files and
archives differ between runs: commit anew only what changed on purpose."""
import importlib
import sys
import warnings

warnings.filterwarnings("ignore")
folder, parts = sys.argv[1], sys.argv[2:] or list("abcdefghi")
for part in parts:
    if part in "abc":
        importlib.import_module(f"half_{part}").build(f"{folder}/{part}")
    else:
        from kit_files import Files, ready
        ready()
        corpus = Files(f"{folder}/{part}")
        for family in ("text", "files"):
            importlib.import_module(f"part_{part}_{family}").build(corpus)
        corpus.done()
