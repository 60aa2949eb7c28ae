//! Broken and odd files.

use crate::{Files, one_to_one, run};
use linkage::{LinkError, Options, link, write};

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
