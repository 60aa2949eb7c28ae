//! Models that Splink saved.

use crate::{Files, run};
use linkage::Options;

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
