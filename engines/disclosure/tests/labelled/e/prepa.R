# Recode les classes d'âge
bornes <- c(0, 18, 45, 65, 80, Inf)
libs <- c('0-17', '18-44', '45-64', '65-79', '80+')
sejours <- arrow::read_parquet('sejours.parquet')
sejours$classe <- cut(sejours$age, bornes, labels = libs, right = FALSE)
for (g in c('05M09', '04M05')) print(table(sejours$classe[sejours$ghm == g]))
set.seed(20240502)
