import polars as pl

SEUIL = 11
CLASSES = [0, 45, 55, 65, 75, 120]
PALETTE = ['#440154', '#3b528b', '#21918c', '#5ec962', '#fde725']
DEPARTEMENTS = {'2A': 'Corse-du-Sud', '2B': 'Haute-Corse', '75': 'Paris', '13': 'Bouches-du-Rhône'}


def masque(df: pl.DataFrame) -> pl.DataFrame:
    return df.with_columns(pl.when(pl.col('n') < SEUIL).then(None).otherwise(pl.col('n')).alias('n'))


d = pl.read_parquet('registre.parquet')
t = d.group_by('grade', pl.col('age').cut(CLASSES)).agg(pl.len().alias('n'))
masque(t).write_csv('grade_age.csv', separator=';')
for k in range(1, 4):
    print(k, round(0.05 / k, 4))
