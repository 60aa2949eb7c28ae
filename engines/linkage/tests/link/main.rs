//! Whole linkages of generated and of broken files.

#![expect(clippy::cast_precision_loss, reason = "the tests count in thousands")]

mod earlier;
mod firms;
mod generated;
mod odd;
mod review;
mod splink;

use linkage::assign::Method;
use linkage::generate::Generated;
use linkage::{LinkError, Linked, Options, link};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn run(left: &Path, right: &Path, options: &Options) -> Result<Linked, LinkError> {
    link(left, Some(right), options, &|_| {})
}

fn one_to_one() -> Options {
    Options { one_to_one: Some(Method::Optimal), threads: 2, ..Options::default() }
}

/// Precision and recall of the links above the cut.
fn quality(linked: &Linked, truth: &str) -> (f64, f64) {
    let truth: HashSet<(&str, &str)> =
        truth.lines().skip(1).filter_map(|line| line.split_once(',')).collect();
    let right = linked.right.as_ref().unwrap();
    let sure = linked.links.iter().filter(|link| link.probability >= linked.cut.probability);
    let pairs: Vec<(&str, &str)> = sure
        .map(|link| (linked.left.ids.get(link.left as usize), right.ids.get(link.right as usize)))
        .collect();
    let good = pairs.iter().filter(|pair| truth.contains(*pair)).count() as f64;
    (good / pairs.len() as f64, good / truth.len() as f64)
}

fn generated(files: &Files, made: &Generated) -> (PathBuf, PathBuf) {
    (files.put("a.csv", &made.left), files.put("b.csv", &made.right))
}
