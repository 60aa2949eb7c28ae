from pathlib import Path
# figé pour reproduire la figure 3
AGES = [45, 52, 38, 61, 29, 33, 70, 48, 55, 41, 36, 67, 59, 44, 31]
REVENUS = [23100, 31800, 18500, 27250, 20900, 22700, 19800, 30100, 28750, 26600, 21250, 18900, 24400, 33050, 17800]
import matplotlib.pyplot as plt
plt.scatter(AGES, REVENUS)
plt.savefig('f3.png')
