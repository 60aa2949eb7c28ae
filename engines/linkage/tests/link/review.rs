//! Labels of a review: what they teach, decide and measure.

use crate::{Files, generated, quality};
use linkage::generate::{Generated, Profile, persons};
use linkage::review::Labels;
use linkage::{Linked, Options, link, write};
use std::collections::HashSet;
use std::path::PathBuf;

struct Reviewed {
    files: Files,
    made: Generated,
    left: PathBuf,
    right: PathBuf,
}

impl Reviewed {
    fn new(seed: u64) -> Self {
        let files = Files::new();
        let made = persons(6000, &Profile::named("medium").unwrap(), seed);
        let (left, right) = generated(&files, &made);
        Self { files, made, left, right }
    }

    fn run(&self, options: &Options) -> Linked {
        link(&self.left, Some(&self.right), options, &|_| {}).unwrap()
    }

    fn labels(&self, lines: &str) -> Options {
        let path = self.files.put("labels.csv", format!("id_a,id_b,label\n{lines}"));
        Options { labels: Some(Labels::read(&path).unwrap()), ..Options::default() }
    }

    /// A sample of pairs down to a probability of a tenth, as people who never err judge it.
    fn judged(&self, size: usize) -> String {
        let linked = self.run(&Options { floor: Some(0.1), ..Options::default() });
        let path = self.files.folder.path().join("sample.csv");
        write::sample(&path, &linked, size, 5).unwrap().persist().unwrap();
        let truth: HashSet<&str> = self.made.truth.lines().collect();
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().next(), Some("id_a,id_b,label"), "no weight leads the judge");
        let judge = |line: &str| {
            let pair = line.strip_suffix(',').expect("an empty label");
            format!("{pair},{}\n", if truth.contains(pair) { "match" } else { "non-match" })
        };
        text.lines().skip(1).map(judge).collect()
    }
}

#[test]
fn labels_refit_the_model_and_measure_the_precision_that_it_could_not_state() {
    let reviewed = Reviewed::new(31);
    let options = reviewed.labels(&reviewed.judged(600));
    let (plain, refitted) = (reviewed.run(&Options::default()), reviewed.run(&options));
    let f1 = |linked: &Linked| {
        let (precision, recall) = quality(linked, &reviewed.made.truth);
        2.0 * precision * recall / (precision + recall)
    };
    let review = refitted.review.as_ref().unwrap();
    assert_eq!((review.labels, review.absent, review.missed), (600, 0, 0));
    assert_eq!(review.before, plain.cut);
    assert!(f1(&refitted) > f1(&plain), "{} {}", f1(&refitted), f1(&plain));
    let (precision, _) = quality(&refitted, &reviewed.made.truth);
    let measured = review.precision.unwrap();
    assert!((measured.low..=measured.high).contains(&precision), "{precision} {measured:?}");
    assert!(refitted.notes.iter().any(|note| note.contains("refitted with 600 labels")));
    assert!(refitted.notes.iter().any(|note| note.contains("without labels the cut was")));
}

#[test]
fn a_label_decides_its_own_pair() {
    let reviewed = Reviewed::new(32);
    let all = reviewed.run(&Options { floor: Some(0.0), ..Options::default() });
    let weight = |link: &&linkage::Link| ordered(link.weight);
    let sure = all.links.iter().max_by_key(weight).unwrap();
    let faint = all.links.iter().min_by_key(weight).unwrap();
    let line = |link: &linkage::Link, word: &str| {
        let (a, b) = all.ids(link);
        format!("{a},{b},{word}\n")
    };
    let absent = "nobody,no one,1\n,,\n";
    let lines = line(sure, "0") + &line(faint, "1") + absent;
    let linked = reviewed.run(&reviewed.labels(&lines));
    let is_link = |of: &linkage::Link| {
        let pair = (of.left, of.right);
        linked.links.iter().any(|link| (link.left, link.right) == pair)
    };
    assert!(!is_link(sure) && is_link(faint));
    let review = linked.review.unwrap();
    assert_eq!((review.labels, review.matches, review.absent, review.undecided), (2, 1, 1, 1));
    assert_eq!(review.precision, None);
    assert!(linked.notes.iter().any(|note| note.contains("too few to measure")));
}

/// A weight that can be compared.
fn ordered(weight: f64) -> i64 {
    format!("{:.0}", weight * 1e6).parse().unwrap()
}

#[test]
fn a_match_that_no_rule_compares_is_told() {
    let reviewed = Reviewed::new(33);
    let linked = reviewed.run(&Options::default());
    let compared: HashSet<(u32, u32)> = linked.candidates.pairs.iter().copied().collect();
    let far = (0..6000).find(|right| !compared.contains(&(0, *right))).unwrap();
    let right = linked.right.as_ref().unwrap().ids.get(far as usize);
    let lines = format!("{},{right},match\n", linked.left.ids.get(0));
    let linked = reviewed.run(&reviewed.labels(&lines));
    assert_eq!(linked.review.as_ref().unwrap().missed, 1);
    assert!(
        linked.notes.iter().any(|note| note.contains("1 labelled matches are compared by no rule"))
    );
}

#[test]
fn labels_do_not_go_with_a_model_that_is_not_fitted() {
    let reviewed = Reviewed::new(34);
    let kept = Some(reviewed.run(&Options::default()).kept());
    let options = Options { kept, ..reviewed.labels("a,b,1\n") };
    let error = link(&reviewed.left, Some(&reviewed.right), &options, &|_| {}).err().unwrap();
    assert!(error.to_string().contains("labels refit the model"), "{error}");
}
