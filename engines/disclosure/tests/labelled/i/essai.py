import pandas as pd

patients = [
    {'id': 1, 'age': 74, 'grade': 3, 'ganglions': 0, 'deces': 0},
    {'id': 2, 'age': 79, 'grade': 3, 'ganglions': 0, 'deces': 0},
    {'id': 3, 'age': 44, 'grade': 2, 'ganglions': 0, 'deces': 0},
    {'id': 4, 'age': 70, 'grade': 3, 'ganglions': 0, 'deces': 0},
    {'id': 5, 'age': 75, 'grade': 3, 'ganglions': 0, 'deces': 0},
    {'id': 6, 'age': 52, 'grade': 3, 'ganglions': 0, 'deces': 0},
    {'id': 7, 'age': 40, 'grade': 2, 'ganglions': 0, 'deces': 0},
    {'id': 8, 'age': 53, 'grade': 2, 'ganglions': 0, 'deces': 0},
    {'id': 9, 'age': 60, 'grade': 2, 'ganglions': 0, 'deces': 0},
    {'id': 10, 'age': 52, 'grade': 3, 'ganglions': 5, 'deces': 0},
]
print(pd.DataFrame(patients).groupby('grade').age.mean())
