# Chaque ligne : patientes du registre ajoutées à la main
d <- data.frame(
  age = c(38, 41, 52, 67, 45, 71, 59, 48),
  grade = c(3, 3, 2, 3, 2, 3, 3, 2),
  ganglions = c(22, 4, 0, 7, 1, 0, 12, 3),
  recidive_mois = c(4, 31, 77, 12, 60, 88, 9, 41)
)
summary(glm(recidive_mois ~ age + ganglions, data = d))
