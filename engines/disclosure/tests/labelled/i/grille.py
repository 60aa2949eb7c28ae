from sklearn.model_selection import GridSearchCV
from sklearn.ensemble import HistGradientBoostingClassifier

grille = {'max_depth': [2, 3, 4, 6, 8], 'learning_rate': [0.01, 0.03, 0.1, 0.3], 'min_samples_leaf': [20, 50, 100, 200]}
recherche = GridSearchCV(HistGradientBoostingClassifier(random_state=7), grille, cv=5, scoring='roc_auc', n_jobs=2)
