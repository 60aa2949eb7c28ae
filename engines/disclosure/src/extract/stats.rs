//! Data files and serialized objects: told by their bytes, never opened.
//!
//! Threat: a pickle runs what it says when it is loaded, an RDS may too, and HDF5 libraries have
//! had holes. So nothing here parses them: names that they carry as plain text say what they are.

use flate2::read::ZlibDecoder;
use std::io::Read;

use super::Sight;
use super::reading::Reading;
use crate::content::Kind;
use crate::report::Location;

/// Classes that keep the lines or vectors they were fitted on.
const KEEPS_DATA: &[&[u8]] = &[
    b"KNeighbors",
    b"RadiusNeighbors",
    b"NearestNeighbors",
    b"LocalOutlierFactor",
    b"sklearn.svm",
    b"SVC",
    b"SVR",
    b"OneClassSVM",
    b"gaussian_process",
    b"GaussianProcess",
    b"KernelDensity",
    b"KernelRidge",
    b"statsmodels",
    b"LabelPropagation",
    b"LabelSpreading",
    b"DBSCAN",
    b"KDTree",
    b"BallTree",
    b"TSNE",
    b"IsotonicRegression",
];

/// Classes of R objects that keep their model frame.
const R_KEEPS_DATA: &[&[u8]] = &[
    b"\x02\0\0\0lm",
    b"glm",
    b"lmerMod",
    b"glmerMod",
    b"randomForest",
    b"ksvm",
    b"coxph",
    b"gam",
    b"ranger",
    b"fixest",
];

/// Names of libraries whose objects are models.
const MODELS: &[&[u8]] = &[
    b"sklearn",
    b"xgboost",
    b"lightgbm",
    b"catboost",
    b"torch",
    b"tensorflow",
    b"keras",
    b"pytorch",
    b"lifelines",
    b"imblearn",
    b"skops",
    b"transformers",
];

fn any(bytes: &[u8], marks: &[&[u8]]) -> Option<String> {
    let found = marks.iter().find(|mark| memchr::memmem::find(bytes, mark).is_some())?;
    Some(String::from_utf8_lossy(found).trim_matches(|c: char| c.is_control()).to_owned())
}

/// Says what a data file or a serialized object is.
pub fn read(reading: &mut Reading, kind: Kind, bytes: &[u8]) {
    let nowhere = Location::default();
    if bytes.starts_with(b"StataFileTM") {
        reading.see(Sight::LiveGraph, nowhere, "Stata graph");
        return;
    }
    match kind {
        Kind::Serialized => serialized(reading, bytes),
        Kind::Model => model(reading, bytes),
        _ => {
            let hdf = bytes.starts_with(b"\x89HDF");
            let marks: &[&[u8]] =
                &[b"keras_version", b"model_weights", b"layer_names", b"model_config"];
            if hdf && any(bytes, marks).is_some() {
                reading.see(Sight::Model, nowhere, "Keras");
                return;
            }
            let r = bytes.starts_with(b"RDX")
                || bytes.starts_with(b"X\n\0\0")
                || bytes.starts_with(b"RDA");
            if r && let Some(class) =
                any(bytes, R_KEEPS_DATA).filter(|_| memchr::memmem::find(bytes, b"terms").is_some())
            {
                reading.see(Sight::ModelData, nowhere, class);
            }
            reading.see(Sight::Dataset, nowhere, format_of(bytes));
        }
    }
}

/// A pickle by the names of its classes. Without a class of a known library it is data.
fn serialized(reading: &mut Reading, bytes: &[u8]) {
    let unpacked = match bytes {
        [0x78, ..] => {
            let mut out = Vec::new();
            let limit = u64::try_from(reading.budget.bytes.min(32 << 20)).unwrap_or(0);
            // What breaks off is looked at as far as it goes: nothing passes by it.
            let _ = ZlibDecoder::new(bytes).take(limit).read_to_end(&mut out);
            out
        }
        _ => Vec::new(),
    };
    let bytes = if unpacked.is_empty() { bytes } else { &unpacked };
    let nowhere = Location::default();
    match (any(bytes, KEEPS_DATA), any(bytes, MODELS)) {
        (Some(class), _) => reading.see(Sight::ModelData, nowhere, class),
        (None, Some(library)) => {
            if let Some(least) = smallest_leaf(bytes) {
                reading.see_many(Sight::ModelData, "leaf", least);
            }
            // A pipeline or a wrapper may still carry its data frame.
            if any(bytes, &[b"pandas.core", b"DataFrame", b"polars"]).is_some() {
                reading.see(Sight::ModelData, nowhere, format!("{library} with a data frame"));
            } else {
                reading.see(Sight::Model, nowhere, library);
            }
        }
        (None, None) => reading.see(Sight::Dataset, nowhere, "pickle"),
    }
}

/// The fewest units that the leaves of scikit-learn's trees were allowed to hold, as the pickle
/// writes its parameter; the sizes themselves are not unpickled. A share is no number here.
fn smallest_leaf(bytes: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"min_samples_leaf";
    any(bytes, &[b"sklearn.tree", b"sklearn.ensemble"])?;
    let limits = memchr::memmem::find_iter(bytes, NAME).filter_map(|at| {
        // The name is memoized (`q` and a place, or 0x94) before its value: `K` and a byte, or `M`
        // and two.
        let rest = bytes.get(at + NAME.len()..)?;
        let rest = match rest {
            [b'q', _, rest @ ..] | [0x94, rest @ ..] | rest => rest,
        };
        match rest {
            [b'K', least, ..] => Some(usize::from(*least)),
            [b'M', low, high, ..] => Some(usize::from(u16::from_le_bytes([*low, *high]))),
            _ => None,
        }
    });
    limits.min()
}

fn model(reading: &mut Reading, bytes: &[u8]) {
    let name = match bytes {
        _ if bytes.starts_with(b"GGUF") => "GGUF",
        _ if bytes.starts_with(b"PK") => "PyTorch",
        _ if memchr::memmem::find(bytes, b"__metadata__").is_some() => "safetensors",
        _ => "ONNX or similar",
    };
    reading.see(Sight::Model, Location::default(), name);
}

/// What a data file is called.
fn format_of(bytes: &[u8]) -> &'static str {
    const NAMES: &[(&[u8], &str)] = &[
        (b"<stata", "Stata"),
        (b"$FL", "SPSS"),
        (b"PAR1", "Parquet"),
        (b"PARE", "Parquet"),
        (b"ARROW1", "Arrow"),
        (b"FEA1", "Feather"),
        (b"RD", "R"),
        (b"X\n", "R"),
        (b"HEADER", "SAS transport"),
        (b"\x89HDF", "HDF5"),
        (b"SQLite", "SQLite"),
        (b"\0\0\0\0", "SAS"),
        (b"\x93NUMPY", "NumPy"),
    ];
    let name = NAMES.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name);
    name.unwrap_or(match bytes.first() {
        Some(0x69..=0x73) => "Stata",
        _ => "statistical software",
    })
}

/// Models that are written as text: `LightGBM` and libsvm. Whether the text was one.
pub fn text_model(reading: &mut Reading, text: &str) -> bool {
    let nowhere = Location::default();
    if text.starts_with("tree\nversion=") || text.starts_with("tree\r\nversion=") {
        let leaves = text.lines().filter_map(|line| line.trim_end().strip_prefix("leaf_count="));
        let counts = leaves.flat_map(|l| l.split(' ')).filter_map(|n| n.parse::<usize>().ok());
        let least = counts.filter(|n| *n > 0).min();
        reading.see(Sight::Model, nowhere, "LightGBM");
        if let Some(least) = least {
            reading.see_many(Sight::ModelData, "leaf", least);
        }
        return true;
    }
    if text.starts_with("svm_type ") || text.starts_with("solver_type ") {
        let keeps = text.contains("\nSV\n") || text.contains("\nSV\r\n");
        reading.see(if keeps { Sight::ModelData } else { Sight::Model }, nowhere, "libsvm");
        return true;
    }
    if text.starts_with("booster[0]:") {
        reading.see(Sight::Model, nowhere, "XGBoost");
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_leaf_of_a_pickled_tree_is_told_by_its_parameter() {
        let pickle = |value: &[u8]| {
            let head: &[u8] = b"\x80\x04\x8c\x0csklearn.tree\x94\x8c\x10min_samples_leaf\x94";
            [head, value].concat()
        };
        assert_eq!(smallest_leaf(&pickle(b"K\x01")), Some(1));
        assert_eq!(smallest_leaf(&pickle(b"M\x2c\x01")), Some(300));
        assert_eq!(smallest_leaf(b"sklearn.linear_model min_samples_leafK\x01"), None);
    }
}
