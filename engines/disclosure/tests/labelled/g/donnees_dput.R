d <- structure(list(sexe = c("Femmes", "Hommes", "Femmes", "Hommes", 
"Femmes", "Femmes", "Femmes", "Femmes", "Hommes", "Femmes", "Hommes", 
"Hommes", "Hommes", "Femmes", "Femmes", "Femmes", "Femmes", "Femmes", 
"Femmes", "Hommes", "Femmes", "Hommes", "Hommes", "Femmes", "Femmes"
), age = c(44L, 32L, 64L, 36L, 39L, 23L, 31L, 43L, 57L, 53L, 
64L, 50L, 63L, 25L, 26L, 49L, 61L, 35L, 54L, 36L, 22L, 65L, 55L, 
29L, 56L), rome = c("F1703", "M1805", "M1805", "M1805", "G1602", 
"F1703", "N1103", "M1805", "G1602", "K1302", "M1805", "N1103", 
"M1805", "K1302", "N1103", "M1805", "M1805", "K1302", "N1103", 
"N1103", "F1703", "K1302", "F1703", "K1302", "F1703"), jours = c(199L, 
188L, 221L, 423L, 256L, 88L, 61L, 116L, 47L, 73L, 566L, 147L, 
88L, 165L, 188L, 380L, 110L, 30L, 564L, 319L, 31L, 117L, 213L, 
215L, 185L)), row.names = c(NA, 25L), class = "data.frame")
summary(glm(I(jours > 90) ~ age, binomial, d))
