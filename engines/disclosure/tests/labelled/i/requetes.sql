-- effectifs par service, cellules de moins de 11 masquées
CREATE TABLE sortie AS
SELECT service, substr(dp, 1, 3) AS cim3, count(DISTINCT id_patient) AS n, round(avg(duree), 1) AS dms
FROM sejours WHERE annee BETWEEN 2015 AND 2022 AND age >= 18
GROUP BY service, cim3
HAVING count(DISTINCT id_patient) >= 11;
INSERT INTO journal SELECT 'sortie', count(*) FROM sortie;
