//! The clusters of an earlier run, as `bulle link --clusters` and `--history` wrote them.

use super::stable::{Change, Event};
use crate::dict::Dict;
use crate::error::LinkError;
use crate::read::plain::{Plain, columns};
use std::collections::BTreeMap;
use std::path::Path;

/// The clusters of an earlier run.
#[derive(Debug, Clone, Default)]
pub struct Previous {
    /// How messages name their file.
    pub name: String,
    /// Whether records are of two files, `a` and `b`.
    pub has_sides: bool,
    /// Lines of all earlier histories.
    pub events: Vec<Event>,
    /// Whether a history was given.
    pub has_history: bool,
    records: Dict,
    /// By code of a record.
    clusters: Vec<u32>,
}

/// The side of a record of the only file.
pub const ONLY: u8 = b'-';

fn key(side: u8, id: &str) -> Vec<u8> {
    [&[side], id.as_bytes()].concat()
}

fn number(plain: &Plain, column: &str, row: usize, text: &str) -> Result<u32, LinkError> {
    text.trim()
        .parse()
        .map_err(|_| plain.refused(format!("the {column} of row {} is no whole number", row + 1)))
}

impl Previous {
    /// Reads clusters and, where there is one, the history that came with them.
    ///
    /// # Errors
    /// [`LinkError`] where a file cannot be read or is no such result.
    pub fn read(clusters: &Path, history: Option<&Path>) -> Result<Self, LinkError> {
        let plain = columns(clusters, &["cluster_id", "rec_id", "side"])?;
        let (numbers, ids) = (plain.column(0, "cluster_id")?, plain.column(1, "rec_id")?);
        let sides = plain.columns[2].as_ref();
        let mut found = Self {
            name: plain.name.clone(),
            has_sides: sides.is_some(),
            clusters: vec![0],
            ..Self::default()
        };
        for row in 0..plain.len() {
            let side = match sides.map(|sides| sides.get(row)) {
                None => ONLY,
                Some("a") => b'a',
                Some("b") => b'b',
                Some(_) => {
                    let why = format!("the side of row {} is neither a nor b", row + 1);
                    return Err(plain.refused(why));
                }
            };
            let cluster = number(&plain, "cluster_id", row, numbers.get(row))?;
            if cluster == 0 {
                return Err(plain.refused(format!("the cluster_id of row {} is 0", row + 1)));
            }
            let code = found.records.intern(&key(side, ids.get(row)));
            if (code as usize) < found.clusters.len() {
                let why = format!("the record of row {} stands there twice", row + 1);
                return Err(plain.refused(why));
            }
            found.clusters.push(cluster);
        }
        if let Some(path) = history {
            found.events = events(path)?;
            found.has_history = true;
        }
        Ok(found)
    }

    /// The earlier cluster of a record of a side; 0 where it was not there.
    pub fn of(&self, side: u8, id: &str) -> u32 {
        self.records.find(&key(side, id)).map_or(0, |code| self.clusters[code as usize])
    }

    /// The earlier clusters and their sizes, sorted.
    pub fn known(&self) -> Vec<(u32, u32)> {
        let mut sizes = BTreeMap::new();
        for cluster in &self.clusters[1..] {
            *sizes.entry(*cluster).or_insert(0) += 1;
        }
        sizes.into_iter().collect()
    }

    /// Records of the earlier run.
    pub fn len(&self) -> usize {
        self.clusters.len() - 1
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The greatest id that is known to have been given.
    pub fn greatest(&self) -> u32 {
        let ended = self.events.iter().map(|event| event.cluster.max(event.from));
        ended.chain(self.clusters.iter().copied()).max().unwrap_or(0)
    }

    /// The number of the run that comes after it.
    pub fn next_run(&self) -> u32 {
        self.events.iter().map(|event| event.run).max().unwrap_or(1).saturating_add(1)
    }
}

fn events(path: &Path) -> Result<Vec<Event>, LinkError> {
    const NAMES: [&str; 5] = ["run", "change", "cluster_id", "from_id", "records"];
    let plain = columns(path, &NAMES)?;
    let [run, change, cluster, from, records] = NAMES.map(|name| {
        let at = NAMES.iter().position(|known| *known == name).expect("one of them");
        plain.column(at, name)
    });
    let (run, change, cluster, from, records) = (run?, change?, cluster?, from?, records?);
    let event = |row: usize| {
        let word = Change::named(change.get(row).trim());
        Ok(Event {
            run: number(&plain, "run", row, run.get(row))?,
            change: word
                .ok_or_else(|| plain.refused(format!("row {} tells no change", row + 1)))?,
            cluster: number(&plain, "cluster_id", row, cluster.get(row))?,
            from: number(&plain, "from_id", row, from.get(row))?,
            records: number(&plain, "records", row, records.get(row))?,
        })
    };
    (0..plain.len()).map(event).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(clusters: &str, history: Option<&str>) -> Result<Previous, String> {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let clusters = put("c.csv", clusters);
        let history = history.map(|text| put("h.csv", text));
        Previous::read(&clusters, history.as_deref()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_id_that_ended_long_ago_is_still_known() {
        let history = "run,change,cluster_id,from_id,records\n2,merged,3,9,1\n5,new,4,0,2\n";
        let previous = read("cluster_id,rec_id\n3,x\n3,y\n4,z\n", Some(history)).unwrap();
        assert_eq!((previous.greatest(), previous.next_run(), previous.len()), (9, 6, 3));
        assert_eq!(
            (previous.of(ONLY, "y"), previous.of(ONLY, "n"), previous.of(b'a', "y")),
            (3, 0, 0)
        );
        assert_eq!(previous.known(), [(3, 2), (4, 1)]);
        assert_eq!(read("cluster_id,rec_id\n3,x\n", None).unwrap().next_run(), 2);
    }

    #[test]
    fn what_is_no_result_of_a_run_is_refused_by_row() {
        for (clusters, why) in [
            ("cluster,rec_id\n1,x\n", "no column cluster_id"),
            ("cluster_id,rec_id\nI,x\n", "row 1 is no whole number"),
            ("cluster_id,rec_id\n0,x\n", "row 1 is 0"),
            ("cluster_id,rec_id\n1,x\n2,x\n", "row 2 stands there twice"),
            ("cluster_id,rec_id,side\n1,x,a\n2,x,c\n", "row 2 is neither a nor b"),
        ] {
            assert!(read(clusters, None).unwrap_err().contains(why), "{why}");
        }
        let history = "run,change,cluster_id,from_id,records\n2,melted,3,9,1\n";
        assert!(read("cluster_id,rec_id\n3,x\n", Some(history)).unwrap_err().contains("no change"));
    }
}
