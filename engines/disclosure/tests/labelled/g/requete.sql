-- tableau 3 : effectifs d'au moins 11
WITH t AS (
  SELECT CASE WHEN age < 25 THEN 1 WHEN age < 50 THEN 2 ELSE 3 END AS classe, rome, count(*) AS n, avg(jours) AS duree
  FROM demandeurs WHERE annee IN (2019, 2020, 2021, 2022) GROUP BY 1, 2
)
SELECT * FROM t WHERE n >= 11 ORDER BY 1, 2 LIMIT 100;
