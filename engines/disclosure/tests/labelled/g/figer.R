library(tibble)
d <- tribble(
  ~sexe, ~age, ~motif, ~jours,
  'Femmes', 44, 'Première entrée', 199,
  'Hommes', 32, 'Fin de CDD', 188,
  'Femmes', 64, 'Fin de CDD', 221,
  'Hommes', 36, 'Licenciement', 423,
  'Femmes', 39, 'Fin de CDD', 256,
  'Femmes', 23, 'Première entrée', 88,
  'Femmes', 31, 'Licenciement', 61,
  'Femmes', 43, 'Fin de CDD', 116,
  'Hommes', 57, 'Licenciement', 47
)
summary(lm(jours ~ age, d))
