//! The functions of R, Python and Stata by what they answer, folded.

/// Functions that apply another one to groups, or answer one figure a group.
pub const GROUPING: &[&str] = &[
    "tapply",
    "sapply",
    "lapply",
    "vapply",
    "apply",
    "aggregate",
    "agg",
    "by",
    "ave",
    "groupby",
    "group_by",
    "pivot_table",
    "split",
    "map",
    "outer",
    "transform",
    "summarise",
    "summarize",
    "reframe",
];
/// Of these, those that answer the values of each group as they are where they are given nothing
/// that adds them up.
pub const PIECES: &[&str] = &["split", "lapply", "sapply", "map", "by"];
/// Functions and verbs that choose lines or columns of a data frame and show them.
pub const RECORDS: &[&str] = &[
    "as_tibble",
    "filter",
    "select",
    "slice",
    "slice_head",
    "slice_tail",
    "slice_sample",
    "sample_n",
    "sample_frac",
    "arrange",
    "subset",
    "query",
    "iterrows",
    "itertuples",
    "to_dict",
    "to_records",
    "to_string",
    "to_markdown",
    "glimpse",
];
/// Least and greatest values.
pub const EXTREMES: &[&str] = &[
    "max",
    "min",
    "range",
    "fivenum",
    "nlargest",
    "nsmallest",
    "pmax",
    "pmin",
    "cummax",
    "cummin",
    "idxmax",
    "idxmin",
    "which.max",
    "which.min",
    "amax",
    "amin",
    "nanmax",
    "nanmin",
    "ptp",
    "slice_max",
    "slice_min",
    "top_n",
];
/// Numbers of units of each class.
pub const TABLES: &[&str] =
    &["table", "crosstab", "value_counts", "xtabs", "ftable", "tabyl", "count_values"];
/// Functions of classes and of axes, in which a least and a greatest value are no answer.
pub const BREAKS: &[&str] = &["cut", "xlim", "ylim", "lims", "seq", "hist", "breaks", "linspace"];
/// Numbers of lines or units.
pub const SIZES: &[&str] =
    &["length", "nrow", "nobs", "dim", "len", "size", "lengths", "ngroups", "n", "count"];
/// Numbers of different values.
pub const DISTINCT: &[&str] = &["nunique", "n_distinct", "uniquen"];
/// Shares of a total.
pub const SHARES: &[&str] = &["prop.table", "proportions", "prop_table", "prop"];
/// Numbers and names of columns.
pub const SHAPES: &[&str] =
    &["ncol", "nlevels", "colnames", "names", "columns", "variable.names", "ndim"];
/// Sums; a summary of classes counts.
pub const SUMS: &[&str] =
    &["sum", "colsums", "rowsums", "cumsum", "nansum", "summary", "addmargins"];
/// Figures of many units.
pub const STATISTICS: &[&str] = &[
    "mean",
    "median",
    "quantile",
    "quantiles",
    "percentile",
    "sd",
    "var",
    "cor",
    "cov",
    "coef",
    "coefficients",
    "test",
    "std",
    "corr",
    "aic",
    "bic",
    "loglik",
    "confint",
    "score",
    "vcov",
    "auc",
    "roc_auc_score",
    "r2_score",
    "weighted.mean",
    "wtd.mean",
    "colmeans",
    "rowmeans",
    "average",
    "deviance",
    "anova",
    "predict_proba",
    "sigma",
    "mad",
    "iqr",
    "skew",
    "kurtosis",
    "describe",
    "glance",
    "tidy",
    "seq",
    "cross_val_score",
    "accuracy_score",
    "gini",
];
/// Parts of a model that are no values of units.
pub const PARTS: &[&str] = &[
    "params",
    "pvalues",
    "pvalue",
    "rsquared",
    "rsquared_adj",
    "r.squared",
    "adj.r.squared",
    "coefficients",
    "coef",
    "coef_",
    "intercept_",
    "aic",
    "bic",
    "p.value",
    "statistic",
    "conf.int",
    "estimate",
    "bse",
    "tvalues",
    "sigma",
    "llf",
    "parameter",
    "deviance",
];
/// Values of units.
pub const VALUES: &[&str] = &[
    "resid",
    "residuals",
    "fitted",
    "predict",
    "sort",
    "head",
    "tail",
    "sample",
    "order",
    "rev",
    "tolist",
    "to_list",
    "sort_values",
    "fittedvalues",
    "cooks.distance",
    "hatvalues",
];
/// Functions that show what they are given as it is.
pub const SHOWING: &[&str] = &[
    "print",
    "round",
    "signif",
    "format",
    "cat",
    "display",
    "show",
    "c",
    "list",
    "as.numeric",
    "as.vector",
    "as.integer",
    "as.character",
    "unlist",
    "unname",
    "invisible",
];
/// Values, each once.
pub const LEVELS: &[&str] = &["unique", "levels", "duplicated"];
/// Words by which a column is known to hold the keys of units.
pub const KEYS: &[&str] =
    &["id", "ident", "identifiant", "nir", "matricule", "siren", "siret", "finess", "individu"];

/// Words of columns that hold classes: how many there are is a number of no unit.
pub const CLASSES: &[&str] = &[
    "statut",
    "sexe",
    "sex",
    "region",
    "zone",
    "dep",
    "departement",
    "diplome",
    "csp",
    "pcs",
    "annee",
    "year",
    "mois",
    "month",
    "groupe",
    "group",
    "classe",
    "class",
    "ghm",
    "type",
    "categorie",
    "category",
    "secteur",
    "sector",
    "naf",
    "ape",
    "modalite",
    "diag",
    "diagnostic",
];
