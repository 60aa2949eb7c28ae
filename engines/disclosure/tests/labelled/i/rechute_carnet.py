#!/usr/bin/env python
# coding: utf-8

# # Rechute
# 3 modèles, graine 7.

# In[1]:


import pandas as pd, statsmodels.formula.api as smf
d = pd.read_csv('data.csv')
len(d)


# In[2]:


pd.crosstab(d.tranche, d.grade)


# In[3]:


m = smf.logit('recur ~ age + nodes', d).fit(disp=0)
print(m.params.round(4)); print(int(m.nobs), int(m.df_resid))

