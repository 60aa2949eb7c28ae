import pandas as pd
d = pd.DataFrame([
    {'id': 1, 'age': 45, 'sexe': 'F', 'revenu': 23100},
    {'id': 2, 'age': 52, 'sexe': 'H', 'revenu': 31800},
    {'id': 3, 'age': 38, 'sexe': 'H', 'revenu': 18500},
    {'id': 4, 'age': 61, 'sexe': 'F', 'revenu': 27250},
    {'id': 5, 'age': 29, 'sexe': 'F', 'revenu': 20900},
    {'id': 6, 'age': 33, 'sexe': 'H', 'revenu': 22700},
])
print(d.describe())
