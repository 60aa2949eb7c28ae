GET FILE='naissances.sav'.
VALUE LABELS type 1 'I' 2 'IIA' 3 'IIB' 4 'III'
  /mode 1 'Voie basse' 2 'Instrumentale' 3 'Césarienne programmée' 4 'Césarienne en urgence'.
RECODE age (LOWEST THRU 24=1) (25 THRU 34=2) (35 THRU HIGHEST=3) INTO classe.
SELECT IF terme >= 37.
CROSSTABS /TABLES=classe BY mode /CELLS=COUNT.
