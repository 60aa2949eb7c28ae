patients <- data.frame(
  id = c(101, 102, 103, 104, 105, 106, 107, 108),
  age = c(45, 52, 38, 61, 29, 33, 70, 48),
  sexe = c('F', 'H', 'H', 'F', 'F', 'H', 'F', 'H'),
  imc = c(22.1, 31.4, 27.8, 24.0, 19.9, 26.3, 28.8, 30.2)
)
summary(lm(imc ~ age, data = patients))
