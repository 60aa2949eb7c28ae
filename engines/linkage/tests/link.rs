//! Whole linkages of generated and of broken files.

#![expect(clippy::cast_precision_loss, reason = "the tests count in thousands")]

use linkage::assign::Method;
use linkage::generate::{Generated, Profile, firms, persons};
use linkage::{LinkError, Linked, Options, link, write};
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

#[test]
fn persons_are_linked_and_the_stated_precision_is_true() {
    let files = Files::new();
    let made = persons(6000, &Profile::named("medium").unwrap(), 7);
    let (left, right) = generated(&files, &made);
    let linked = run(&left, &right, &one_to_one()).unwrap();
    let (precision, recall) = quality(&linked, &made.truth);
    assert!(precision > 0.985 && recall > 0.94, "precision {precision} recall {recall}");
    let stated = linked.cut.precision.unwrap();
    assert!((stated.low..=stated.high).contains(&precision), "{precision} not in {stated:?}");
}

#[test]
fn firms_are_linked_with_and_without_their_numbers() {
    let files = Files::new();
    let made = firms(3000, &Profile::named("medium").unwrap(), 7);
    let (left, right) = generated(&files, &made);
    let linked = run(&left, &right, &one_to_one()).unwrap();
    let (precision, recall) = quality(&linked, &made.truth);
    assert!(precision > 0.98 && recall > 0.95, "precision {precision} recall {recall}");
}

#[test]
fn the_same_bytes_come_out_with_any_number_of_threads() {
    let files = Files::new();
    let made = persons(20_000, &Profile::named("medium").unwrap(), 3);
    let (left, right) = generated(&files, &made);
    for end in ["csv", "parquet"] {
        let mut outputs = Vec::new();
        for threads in [1, 2, 5] {
            let options = Options { threads, ..one_to_one() };
            let linked = run(&left, &right, &options).unwrap();
            let out = files.folder.path().join(format!("out-{threads}.{end}"));
            write::pairs(&out, &linked).unwrap().persist().unwrap();
            outputs.push(std::fs::read(&out).unwrap());
        }
        assert!(outputs[0].len() > 1000);
        assert!(outputs.windows(2).all(|two| two[0] == two[1]), "{end}");
    }
}

#[test]
fn written_parquet_is_read_back_as_it_was() {
    let files = Files::new();
    let made = persons(500, &Profile::named("easy").unwrap(), 3);
    let (left, right) = generated(&files, &made);
    let parquet = |path: &Path| {
        let out = path.with_extension("parquet");
        let mut file = std::fs::File::open(path).unwrap();
        let options = tabular::csv::CsvOptions::default();
        tabular::csv::convert(&mut file, &out, &options, &mut |_| {}).unwrap();
        out
    };
    let text = run(&left, &right, &one_to_one()).unwrap();
    let binary = run(&parquet(&left), &parquet(&right), &one_to_one()).unwrap();
    let rows = |linked: &Linked| -> Vec<(u32, u32)> {
        linked.links.iter().map(|link| (link.left, link.right)).collect()
    };
    assert_eq!(rows(&text), rows(&binary));
}

#[test]
fn a_file_is_linked_with_itself() {
    let files = Files::new();
    let made = persons(2000, &Profile::named("easy").unwrap(), 9);
    let below = made.right.split_once('\n').unwrap().1;
    // The header of the left file serves both.
    let both = files.put("both.csv", format!("{}{below}", made.left));
    let linked = link(&both, None, &Options::default(), &|_| {}).unwrap();
    assert!(linked.links.iter().all(|link| link.left < link.right));
    let truth = made.truth.lines().count() - 1;
    assert!(linked.links.len().abs_diff(truth) < truth / 20, "{} of {truth}", linked.links.len());
    let clusters = linked.clusters.iter().max().copied().unwrap() as usize;
    assert!(clusters.abs_diff(4000 - truth) < truth / 20, "{clusters} clusters");
}

#[test]
fn an_id_that_stands_twice_is_refused_by_name() {
    let files = Files::new();
    let a = files.put("a.csv", "id,nom\n1,A\n2,B\n1,C\n");
    let b = files.put("b.csv", "id,nom\n1,A\n");
    let error = run(&a, &b, &Options::default()).err().unwrap();
    assert!(matches!(error, LinkError::DuplicateId { first: 1, second: 3, .. }), "{error}");
}

#[test]
fn files_without_an_id_or_with_nothing_in_common_are_refused() {
    let files = Files::new();
    let a = files.put("a.csv", "numero_dossier,nom\n1,A\n2,B\n");
    let b = files.put("b.csv", "id,date_naissance\n1,2001-01-01\n");
    let c = files.put("c.csv", "id,nom\n1,A\n");
    assert!(matches!(run(&a, &b, &Options::default()), Err(LinkError::NoId { .. })));
    assert!(matches!(run(&c, &b, &Options::default()), Err(LinkError::NothingInCommon(_))));
    let none = files.put("none.csv", "");
    assert!(matches!(run(&none, &b, &Options::default()), Err(LinkError::NoHeader { .. })));
}

#[test]
fn a_file_without_records_gives_no_links() {
    let files = Files::new();
    let a = files.put("a.csv", "id,nom,prenom\n");
    let b = files.put("b.csv", "id,nom,prenom\n1,A,B\n");
    let linked = run(&a, &b, &one_to_one()).unwrap();
    assert!(linked.links.is_empty());
    assert_eq!(linked.clusters, [1]);
    for end in ["csv", "parquet"] {
        write::pairs(&files.folder.path().join(format!("out.{end}")), &linked)
            .unwrap()
            .persist()
            .unwrap();
    }
}

#[test]
fn records_without_any_value_match_nothing() {
    let files = Files::new();
    let rows: String = (0..2000).map(|at| format!("{at},,,\n")).collect();
    let a = files
        .put("a.csv", format!("id,nom,prenom,date_naissance\n{rows}x,DURAND,ZOE,1970-05-31\n"));
    let b = files
        .put("b.csv", format!("id,nom,prenom,date_naissance\n{rows}y,DURAND,ZOE,1970-05-31\n"));
    let linked = run(&a, &b, &Options::default()).unwrap();
    assert_eq!(linked.candidates.pairs.len(), 1);
}

#[test]
fn one_birth_date_for_all_is_told_and_makes_no_square() {
    let files = Files::new();
    let row = |at: usize| format!("{at},MARTIN,JEAN,1900-01-01\n");
    let rows: String = (0..30_000).map(row).collect();
    let a = files.put("a.csv", format!("id,nom,prenom,date_naissance\n{rows}"));
    let b = files.put("b.csv", format!("id,nom,prenom,date_naissance\n{rows}"));
    let linked = run(&a, &b, &Options::default()).unwrap();
    assert!(linked.candidates.pairs.len() < 2_000_000, "{}", linked.candidates.pairs.len());
    assert!(linked.notes.iter().any(|note| note.contains("one value alone")), "{:?}", linked.notes);
}

#[test]
fn other_encodings_and_bad_rows_are_read_and_told() {
    let files = Files::new();
    let a = files.put("a.csv", b"id;nom;prenom\n1;B\xE9rard;Zo\xE9\n2;x\n");
    let b = files.put("b.csv", "id,nom,prenom\n9,BERARD,ZOE\n");
    let linked = run(&a, &b, &Options::default()).unwrap();
    assert_eq!(linked.candidates.pairs, [(0, 0)]);
    assert!(linked.notes.iter().any(|note| note.contains("1 rows were left out")));
    assert!(linked.notes.iter().any(|note| note.contains("Windows1252")));
    let broken = files
        .put("c.csv", "id,nom\n1,ééééééé\n2,caf".bytes().chain(*b"\xE9\n").collect::<Vec<u8>>());
    assert!(matches!(run(&broken, &b, &Options::default()), Err(LinkError::Csv { .. })));
}

#[test]
fn an_empty_siren_leaves_that_of_the_siret() {
    let files = Files::new();
    let siren = |at: usize| format!("{:09}", 552_100_554 + 7 * at);
    let left: String = (0..300).map(|at| format!("{at},{}00012,,F{at}\n", siren(at))).collect();
    let right: String = (0..300).map(|at| format!("b{at},,{},G{at}\n", siren(at))).collect();
    let a = files.put("a.csv", format!("id,siret,siren,firm\n{left}"));
    let b = files.put("b.csv", format!("id,siret,siren,firm\n{right}"));
    let linked = run(&a, &b, &Options::default()).unwrap();
    assert_eq!(linked.candidates.pairs.len(), 300);
}

#[test]
fn blanks_of_a_column_are_filled_from_the_next_of_its_role_and_the_rest_is_named() {
    let files = Files::new();
    let phone = |at: usize| format!("06{:08}", 12_345_678 + 1_111 * at);
    let left: String =
        (0..200).map(|at| format!("{at},,{},{},x{at}\n", phone(at), phone(at))).collect();
    let right: String = (0..200).map(|at| format!("b{at},{}\n", phone(at))).collect();
    let a = files.put("a.csv", format!("id,tel,mobile,portable,remarque\n{left}"));
    let b = files.put("b.csv", format!("id,telephone\n{right}"));
    let linked = run(&a, &b, &Options::default()).unwrap();
    assert_eq!(linked.candidates.pairs.len(), 200);
    assert!(linked.notes.iter().any(|note| note.contains("from mobile (200 records)")));
    assert_eq!(linked.left.unused, ["portable", "remarque"]);
}

#[test]
fn one_to_one_never_loses_a_sure_pair_that_greedy_keeps() {
    let files = Files::new();
    let made = persons(6000, &Profile::named("hard").unwrap(), 5);
    let (left, right) = generated(&files, &made);
    let rows = |method| -> HashSet<(u32, u32)> {
        let options = Options { one_to_one: Some(method), ..Options::default() };
        let linked = run(&left, &right, &options).unwrap();
        linked.links.iter().map(|link| (link.left, link.right)).collect()
    };
    let (greedy, optimal) = (rows(Method::Greedy), rows(Method::Optimal));
    assert!(greedy.len() > 3000);
    assert_eq!(greedy.difference(&optimal).count(), 0);
}

#[test]
fn recall_is_unknown_where_all_rules_ask_for_one_field() {
    let files = Files::new();
    let row = |at: usize| format!("{at},NOM{at}X,PRE{at},1970-{:02}-11\n", at % 12 + 1);
    let rows = |from: usize| (from..from + 400).map(row).collect::<String>();
    let head = "id,nom,prenom,date_naissance\n";
    let a = files.put("a.csv", head.to_owned() + &rows(0));
    let b = files.put("b.csv", head.to_owned() + &rows(200));
    let spec = "[blocking]\nrules = [[\"birth\", \"name\"], [\"given\", \"year\"]]";
    let options = Options { spec: toml::from_str(spec).unwrap(), ..Options::default() };
    let linked = run(&a, &b, &options).unwrap();
    assert!(linked.cut.links > 150, "{:?}", linked.cut);
    assert_eq!((linked.cut.recall, linked.cut.unreached), (None, None));
    assert!(linkage::report::page(&linked).contains("unknown: all rules ask for one field"));
    assert!(run(&a, &b, &Options::default()).unwrap().cut.recall.is_some());
}

#[test]
fn blocks_left_out_are_told_in_any_case_with_the_records_that_no_rule_covers() {
    let files = Files::new();
    // Every second record is one of 600 of one name, for which no rule is left.
    let row = |at: usize| match at % 2 {
        0 => format!("{at},NOM{at}X,P{at}\n"),
        _ => format!("{at},MARTIN,JEAN\n"),
    };
    let rows: String = (0..1200).map(row).collect();
    let a = files.put("a.csv", format!("id,nom,prenom\n{rows}"));
    let b = files.put("b.csv", format!("id,nom,prenom\n{rows}"));
    let linked = run(&a, &b, &Options::default()).unwrap();
    assert_eq!(linked.candidates.uncovered, [600, 600]);
    let told = "600 of 1200 records of the left file and 600 of 1200 of the right one are covered by no rule";
    assert!(linked.notes.iter().any(|note| note.contains(told)), "{:?}", linked.notes);
    let alone = link(&a, None, &Options::default(), &|_| {}).unwrap();
    let told = "600 of 1200 records are covered by no rule";
    assert!(alone.notes.iter().any(|note| note.contains(told)), "{:?}", alone.notes);
    let few = files.put("few.csv", "id,nom,prenom\n1,A,B\n");
    let linked = run(&few, &few, &Options::default()).unwrap();
    assert!(linked.notes.iter().any(|note| note.contains("0 blocks")), "{:?}", linked.notes);
}

#[test]
fn one_date_for_all_is_unknown_and_no_note_or_report_shows_it() {
    let files = Files::new();
    let row = |at: usize| format!("{at},NOM{at}X,P{at},1913-07-23\n");
    let rows: String = (0..1000).map(row).collect();
    let a = files.put("a.csv", format!("id,nom,prenom,date_naissance\n{rows}"));
    let linked = run(&a, &a, &Options::default()).unwrap();
    assert!(linked.notes.iter().any(|note| note.contains("1 dates of birth, of 2000 records")));
    let page = linkage::report::page(&linked);
    assert!(!page.contains("19130723") && !page.contains("1913-07-23"));
}

fn refused(files: &Files, spec: &str) -> String {
    let rows = "id,nom,prenom,date_naissance\n1,A,B,1970-01-02\n2,C,D,1971-01-02\n";
    let (a, b) = (files.put("a.csv", rows), files.put("b.csv", rows));
    let options = Options { spec: toml::from_str(spec).unwrap(), ..Options::default() };
    run(&a, &b, &options).err().map_or_else(String::new, |error| error.to_string())
}

#[test]
fn a_spec_that_cannot_be_followed_is_refused_by_name() {
    let files = Files::new();
    assert!(refused(&files, "[columns]\nnom_typo = \"birth_name\"").contains("column nom_typo"));
    let left_out = refused(&files, "[comparisons]\nleave_out = [\"sexxx\"]");
    assert!(left_out.contains("no comparison sexxx"), "{left_out}");
    let rule = refused(&files, "[blocking]\nrules = [[\"birth\", \"name\"], [\"city\", \"name\"]]");
    assert!(rule.contains("town + family name or part") && rule.contains("in common"), "{rule}");
    assert_eq!(refused(&files, "[comparisons]\nleave_out = [\"sex\", \"family_name\"]"), "");
    let all = "[comparisons]\nleave_out = [\"family name\", \"given name\", \"date of birth\"]";
    assert!(refused(&files, all).contains("every comparison is left out"));
}

#[test]
fn ids_are_kept_as_they_are_written_and_none_is_refused() {
    let files = Files::new();
    let a = files.put("a.csv", "id,nom,prenom\n\" 1\",DURAND,ZOE\n1,MARTIN,LEA\n");
    let b = files.put("b.csv", "id,nom,prenom\n7,DURAND,ZOE\n");
    let linked = run(&a, &b, &Options { floor: Some(0.0), ..Options::default() }).unwrap();
    assert_eq!(linked.left.ids.get(linked.links[0].left as usize), " 1");
    let none = files.put("c.csv", "id,nom\n1,A\n,B\n");
    assert!(matches!(run(&none, &b, &Options::default()), Err(LinkError::EmptyId { row: 2, .. })));
    let formula = files.put("d.csv", "id,nom,prenom\n\"=HYPERLINK(\"\"x\"\")\",DURAND,ZOE\n");
    let linked = run(&formula, &b, &Options::default()).unwrap();
    let out = |name: &str| files.folder.path().join(name);
    let refused = write::pairs(&out("o.csv"), &linked);
    assert!(matches!(refused, Err(LinkError::FormulaId { row: 1, .. })));
    assert!(write::pairs(&out("o.parquet"), &linked).is_ok());
}

#[test]
fn a_floor_of_zero_gives_all_compared_pairs() {
    let files = Files::new();
    let made = persons(2000, &Profile::named("medium").unwrap(), 4);
    let (left, right) = generated(&files, &made);
    let linked = run(&left, &right, &Options { floor: Some(0.0), ..Options::default() }).unwrap();
    assert_eq!(linked.links.len(), linked.candidates.pairs.len());
    let sure = run(&left, &right, &Options::default()).unwrap();
    assert_eq!(linked.cut.links, sure.cut.links);
}

/// A model as Splink saves it, of one exact comparison a column.
fn splink_model(columns: &[(&str, bool)], rules: &[&str]) -> String {
    let comparison = |(column, has_tf): &(&str, bool)| {
        let tf = if *has_tf {
            format!(", \"tf_adjustment_column\": \"{column}\"")
        } else {
            String::new()
        };
        format!(
            "{{\"output_column_name\": \"{column}\", \"comparison_levels\": [\
             {{\"sql_condition\": \"{column}_l = {column}_r\", \"m_probability\": 0.9, \"u_probability\": 0.01{tf}}},\
             {{\"sql_condition\": \"ELSE\", \"m_probability\": 0.1, \"u_probability\": 0.99}}]}}"
        )
    };
    let comparisons = columns.iter().map(comparison).collect::<Vec<_>>().join(",");
    let rules = rules.iter().map(|rule| format!("\"{rule}\"")).collect::<Vec<_>>().join(",");
    format!(
        "{{\"probability_two_random_records_match\": 0.001, \"unique_id_column_name\": \"id\", \
         \"blocking_rules_to_generate_predictions\": [{rules}], \"comparisons\": [{comparisons}]}}"
    )
}

#[test]
fn a_splink_model_weighs_pairs_by_its_own_probabilities() {
    let files = Files::new();
    let head = "id,dob,sex,profession,team\n";
    let row = |at: usize| {
        format!("{at},{}-02-03,{},job{},t{}\n", 1950 + at % 40, at % 2 + 1, at % 9, at % 7)
    };
    let rows: String = (0..500).map(row).collect();
    let a = files.put("a.csv", format!("{head}{rows}x,2001-05-06,1,baker,red\n"));
    let b =
        files.put("b.csv", format!("{head}y,2001-05-06,1,baker,blue\nz,2001-05-06,2,mason,red\n"));
    let columns = [("dob", false), ("sex", false), ("profession", false)];
    let spec =
        linkage::spec::Spec::from_splink(&splink_model(&columns, &["l.dob = r.dob"])).unwrap();
    let options = Options { id: spec.id.clone(), spec, floor: Some(0.0), ..Options::default() };
    let linked = run(&a, &b, &options).unwrap();
    assert_eq!(linked.candidates.pairs, [(500, 0), (500, 1)]);
    // log2 of 0.001/0.999 · (m/u of three agreements), and of one agreement and two differences.
    let (prior, agree, differ) = (0.001_f64 / 0.999, 0.9_f64 / 0.01, 0.1_f64 / 0.99);
    let expected = [prior * agree.powi(3), prior * agree * differ.powi(2)].map(f64::log2);
    for (link, expected) in linked.links.iter().zip(expected) {
        assert!((link.weight - expected).abs() < 1e-6, "{} {expected}", link.weight);
    }
    assert_eq!(linked.left.unused, ["team"]);
}

#[test]
fn a_splink_model_with_frequencies_gives_rare_values_more() {
    let files = Files::new();
    let row = |at: usize| match at % 20 {
        0 => format!("{at},MARTIN,1970-01-02\n"),
        _ => format!("{at},NOM{at}Q,1970-01-02\n"),
    };
    let rows: String = (0..4000).map(row).collect();
    let file = format!("id,surname,dob\n{rows}");
    let (a, b) = (files.put("a.csv", &file), files.put("b.csv", &file));
    let weight = |has_tf: bool, of: u32| {
        let model = splink_model(&[("surname", has_tf)], &["l.surname = r.surname"]);
        let mut spec = linkage::spec::Spec::from_splink(&model).unwrap();
        spec.blocking.most_pairs = Some(1_000_000);
        let options = Options { spec, floor: Some(0.0), ..Options::default() };
        let linked = run(&a, &b, &options).unwrap();
        linked.links.iter().find(|link| link.left == of && link.right == of).unwrap().weight
    };
    assert!((weight(false, 0) - weight(false, 1)).abs() < 1e-9);
    assert!(weight(true, 1) > weight(false, 1) + 2.0, "a rare name");
    assert!(weight(true, 0) < weight(false, 0) - 2.0, "a name that one record in twenty has");
}

#[test]
fn a_splink_model_of_columns_that_are_not_there_is_refused_by_name() {
    let files = Files::new();
    let rows = "id,dob\n1,1970-01-02\n2,1971-01-02\n";
    let (a, b) = (files.put("a.csv", rows), files.put("b.csv", rows));
    let model = splink_model(&[("dob", false), ("badge", false)], &["l.dob = r.dob"]);
    let spec = linkage::spec::Spec::from_splink(&model).unwrap();
    let error = run(&a, &b, &Options { spec, ..Options::default() }).err().unwrap();
    assert!(error.to_string().contains("badge"), "{error}");
}
