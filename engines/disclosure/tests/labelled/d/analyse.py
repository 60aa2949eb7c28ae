import pandas as pd
import statsmodels.formula.api as smf

BORNES = [0, 18, 30, 50, 65, 120]
LIBELLES = {1: 'Nord', 2: 'Sud', 3: 'Est', 4: 'Ouest'}
base = pd.read_parquet('/data/base.parquet')
base['tranche'] = pd.cut(base.age, BORNES, right=False)
table = pd.crosstab(base.tranche, base.region.map(LIBELLES))
table[table < 11] = None
table.to_csv('table.csv')
print(smf.ols('revenu ~ age', base).fit().summary())
