//! Hierarchies of codes, as tau-ARGUS and rtauargus write them (.hrc): a code a line, with as many
//! `@` before it as it stands below the first level; the total of all is not written.

use std::collections::HashSet;

/// A hierarchy: node 0 is the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    /// The codes, the total's first.
    pub codes: Vec<String>,
    /// The parent of each node; node 0 is its own.
    pub parents: Vec<usize>,
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
        let mut made = Self { codes: vec![total.to_owned()], parents: vec![0] };
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
        Ok(Self { codes: all, parents })
    }

    /// The children of each node.
    pub fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.codes.len()];
        for node in 1..self.codes.len() {
            children[self.parents[node]].push(node);
        }
        children
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
        let flat = Hierarchy::flat(["A".to_owned(), "T".to_owned()], "T");
        assert_eq!(flat, Err(HrcError::Twice("T".into())));
    }
}
