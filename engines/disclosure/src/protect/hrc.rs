//! Hierarchies of codes, as tau-ARGUS and rtauargus write them (.hrc): a code a line, with as many
//! `@` before it as it stands below the first level; the total of all is not written.

use std::collections::{HashMap, HashSet};

/// A hierarchy: node 0 is the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    /// The codes, the total's first.
    pub codes: Vec<String>,
    /// The parent of each node; node 0 is its own.
    pub parents: Vec<usize>,
    /// Codes that were merged into others, with the node that they stand for now.
    pub merged: Vec<(String, usize)>,
}

/// Why a hierarchy could not be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HrcError {
    /// A code stands more than one level below the line before.
    #[error("line {0} of the hierarchy skips a level")]
    Skips(usize),
    /// A code stands twice.
    #[error("the hierarchy has the code `{0}` twice")]
    Twice(String),
}

impl Hierarchy {
    /// Reads a .hrc file; `total` is the name of the whole.
    ///
    /// # Errors
    /// A line that skips a level, a code that is there twice.
    pub fn read(text: &str, total: &str) -> Result<Self, HrcError> {
        let mut made = Self { codes: vec![total.to_owned()], parents: vec![0], merged: Vec::new() };
        let mut path = vec![0];
        for (line, text) in text.lines().enumerate() {
            let text = text.trim_end();
            let code = text.trim_start_matches('@').trim();
            if code.is_empty() {
                continue;
            }
            let depth = text.len() - text.trim_start_matches('@').len();
            if depth + 1 > path.len() {
                return Err(HrcError::Skips(line + 1));
            }
            if made.codes.iter().any(|known| known == code) {
                return Err(HrcError::Twice(code.to_owned()));
            }
            path.truncate(depth + 1);
            made.parents.push(path[depth]);
            path.push(made.codes.len());
            made.codes.push(code.to_owned());
        }
        Ok(made)
    }

    /// A total over codes without levels between.
    ///
    /// # Errors
    /// A code that is the total's name, or is there twice.
    pub fn flat(codes: impl IntoIterator<Item = String>, total: &str) -> Result<Self, HrcError> {
        let mut all = vec![total.to_owned()];
        let mut known = HashSet::from([total.to_owned()]);
        for code in codes {
            if !known.insert(code.clone()) {
                return Err(HrcError::Twice(code));
            }
            all.push(code);
        }
        let parents = vec![0; all.len()];
        Ok(Self { codes: all, parents, merged: Vec::new() })
    }

    /// The children of each node.
    pub fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.codes.len()];
        for node in 1..self.codes.len() {
            children[self.parents[node]].push(node);
        }
        children
    }

    /// The node of every code, merged ones too.
    pub fn places(&self) -> HashMap<&str, usize> {
        let own = self.codes.iter().enumerate().map(|(at, code)| (code.as_str(), at));
        own.chain(self.merged.iter().map(|(code, at)| (code.as_str(), *at))).collect()
    }

    /// The hierarchy with leaf `b` merged into leaf `a`, which must have one parent: the code is
    /// both codes with a plus between, and a number where that is another code. Where nothing else stands below their parent, it takes
    /// their place. Nothing when the two cannot be merged, or nothing would be left but the total.
    pub fn merge(&self, a: usize, b: usize) -> Option<Self> {
        let children = self.children();
        let leaf = |node: usize| node != 0 && children.get(node).is_some_and(Vec::is_empty);
        if a == b || !leaf(a) || !leaf(b) || self.parents[a] != self.parents[b] {
            return None;
        }
        let parent = self.parents[a];
        let alone = children[parent].len() == 2;
        if alone && parent == 0 {
            return None;
        }
        let gone = |node: usize| node == b || (alone && node == a);
        let kept: Vec<usize> = (0..self.codes.len()).filter(|node| !gone(*node)).collect();
        let new = |node: usize| kept.partition_point(|at| *at < node);
        let to = |node: usize| match (gone(node), alone) {
            (false, _) => new(node),
            (true, true) => new(parent),
            (true, false) => new(a),
        };
        let both = self.free(format!("{}+{}", self.codes[a], self.codes[b]));
        let code = |node: &usize| {
            if *node == a { both.clone() } else { self.codes[*node].clone() }
        };
        let mut merged: Vec<(String, usize)> =
            self.merged.iter().map(|(code, node)| (code.clone(), to(*node))).collect();
        merged.extend([a, b].map(|node| (self.codes[node].clone(), to(node))));
        Some(Self {
            codes: kept.iter().map(code).collect(),
            parents: kept.iter().map(|node| to(self.parents[*node])).collect(),
            merged,
        })
    }

    /// The name, or with a number behind it where a code has it, also one merged before: the data
    /// still have that.
    fn free(&self, name: String) -> String {
        let known = self.places();
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        names.find(|name| !known.contains_key(name.as_str())).expect("codes end, numbers do not")
    }

    /// A node and all above it, up to the total.
    pub fn path(&self, mut node: usize) -> Vec<usize> {
        let mut path = vec![node];
        while node != 0 {
            node = self.parents[node];
            path.push(node);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_the_signs_before_the_code() {
        let found = Hierarchy::read("A\n@A1\n@A2\n@@A21\nB\n", "Total").expect("reads");
        assert_eq!(found.codes, ["Total", "A", "A1", "A2", "A21", "B"]);
        assert_eq!(found.parents, [0, 0, 1, 1, 3, 0]);
        assert_eq!(found.path(4), [4, 3, 1, 0]);
        assert_eq!(Hierarchy::read("A\n@@A1\n", "Total"), Err(HrcError::Skips(2)));
        assert_eq!(Hierarchy::read("A\nA\n", "T"), Err(HrcError::Twice("A".into())));
        let merged = found.merge(1, 5);
        assert_eq!(merged, None, "a group and a leaf are not merged");
        let flat = Hierarchy::flat(["A".to_owned(), "T".to_owned()], "T");
        assert_eq!(flat, Err(HrcError::Twice("T".into())));
    }

    #[test]
    fn merged_codes_lead_to_what_holds_them() {
        let found = Hierarchy::read("A\n@A1\n@A2\n@A3\nB\n", "T").expect("reads");
        let once = found.merge(2, 4).expect("two leaves of one parent");
        assert_eq!(once.codes, ["T", "A", "A1+A3", "A2", "B"].map(String::from));
        assert_eq!(once.parents, [0, 0, 1, 1, 0]);
        assert_eq!(once.places()["A3"], 2);
        assert_eq!(once.places()["A1"], 2);
        // The last two of a group: the group itself is what remains.
        let twice = once.merge(2, 3).expect("the last two");
        assert_eq!(twice.codes, ["T", "A", "B"].map(String::from));
        assert!(["A1", "A2", "A3", "A1+A3"].iter().all(|code| twice.places()[code] == 1));
        assert_eq!(twice.merge(1, 2), None, "only the total would be left");
    }

    #[test]
    fn a_merged_code_is_none_that_is_there() {
        let found = Hierarchy::read("A+B\nA\nB\nC\nD\n", "T").expect("reads");
        let once = found.merge(2, 3).expect("A and B");
        assert_eq!(once.places()["A+B"], 1, "the category of that name stays");
        assert_eq!(once.places()["A"], once.places()["B"]);
        assert_ne!(once.places()["A"], 1);
        // The code merged away is still in the data.
        let twice = once.merge(1, 3).expect("A+B and C");
        assert_eq!(twice.places()["A+B"], twice.places()["C"]);
        assert_ne!(twice.places()["A+B"], twice.places()["A"]);
        let total = Hierarchy::read("A\nB\nC\n", "A+B").expect("reads");
        assert_eq!(total.merge(1, 2).expect("A and B").places()["A+B"], 0);
    }
}
