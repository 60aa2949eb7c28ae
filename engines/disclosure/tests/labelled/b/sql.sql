INSERT INTO patients VALUES
(1, 'F', 45, 'I21'),
(2, 'H', 52, 'I25'),
(3, 'F', 38, 'J18'),
(4, 'H', 61, 'I21');
SELECT * FROM patients;
