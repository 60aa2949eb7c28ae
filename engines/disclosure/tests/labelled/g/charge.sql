CREATE TABLE demandeurs (id int, age int, rome text, jours int);
COPY demandeurs FROM stdin;
1	44	F1703	199
2	32	M1805	188
3	64	M1805	221
4	36	M1805	423
5	39	G1602	256
6	23	F1703	88
7	31	N1103	61
8	43	M1805	116
\.
SELECT rome, count(*) FROM demandeurs GROUP BY 1;
