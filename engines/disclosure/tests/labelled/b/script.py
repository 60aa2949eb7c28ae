import pandas as pd
d = pd.read_csv('data.csv')
m = d.groupby('plan').agg({'visits': 'mean'})
print(m)
for k in range(3):
    print(k)
