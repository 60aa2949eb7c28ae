//! Whatever the bytes, the check answers; and `FREQ_MIN` agrees with a naive look at a table.

use std::fmt::Write as _;

use disclosure::{Decision, Input, RuleSet, check};
use proptest::prelude::*;

fn rules() -> RuleSet {
    RuleSet::built_in("generic_10").expect("built in")
}

fn decide(bytes: &[u8]) -> Decision {
    check(&[Input { name: "a.csv", bytes }], &rules())[0].decision
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = decide(&bytes);
    }

    #[test]
    fn no_text_panics(text in "([0-9a-zé;,.|<=+@%()\\-\n\t \"\u{a0}]|effectif|Total|min|\\| |---\\+|, ){0,120}") {
        let _ = decide(text.as_bytes());
    }

    #[test]
    fn freq_min_agrees_with_naive(counts in proptest::collection::vec((0u32..60, 0u32..60), 2..12), french in any::<bool>()) {
        let delimiter = if french { ';' } else { ',' };
        let mut text = format!("classe{delimiter}nb de patients{delimiter}nb de séjours\n");
        for (at, (a, b)) in counts.iter().enumerate() {
            let class = char::from(b'a' + u8::try_from(at).expect("few"));
            writeln!(text, "classe {class}{delimiter}{a}{delimiter}{b}").expect("memory");
        }
        let report = &check(&[Input { name: "a.csv", bytes: text.as_bytes() }], &rules())[0];
        let mut seen: Vec<(u32, u32)> = report.findings.iter().filter(|f| f.rule == "FREQ_MIN")
            .filter_map(|f| Some((f.location.line?, f.location.column?))).collect();
        seen.sort_unstable();
        let mut naive = Vec::new();
        for (line, (a, b)) in (2..).zip(&counts) {
            naive.extend((1..10).contains(a).then_some((line, 2)));
            naive.extend((1..10).contains(b).then_some((line, 3)));
        }
        prop_assert_eq!(seen, naive);
    }
}

#[test]
fn what_has_no_parser_is_never_safe_and_never_checked() {
    let rules = rules();
    for (name, bytes, decision) in [
        ("a.pdf", &b"%PDF-1.7 ..."[..], Decision::Review),
        ("a.png", b"\x89PNG\r\n\x1a\n", Decision::Review),
        ("a.csv", b"PAR1....", Decision::Refuse),
        ("a.dta", &[0x73, 1, 1, 0, 9], Decision::Refuse),
        ("a.zip", b"PK\x03\x04\x14\0\x01\0....", Decision::Review),
        ("a.xlsx", b"PK\x03\x04\x14\0\0\0[Content_Types].xml", Decision::Review),
        ("a.csv", b"\x00\x01\x02", Decision::Review),
        ("a", b"", Decision::Review),
    ] {
        let report = &check(&[Input { name, bytes }], &rules)[0];
        assert_eq!(report.decision, decision, "{name} {:?}", report.findings);
        assert!(!report.checked || bytes.is_empty(), "{name}");
    }
}

#[test]
fn a_number_that_is_none_in_a_count_column_goes_to_a_person() {
    for text in ["a;effectif\nx;120\ny;NaN\n", "a;effectif\nx;120\ny;12 O\n", "a;nb\nx;-3\ny;120\n"]
    {
        assert_eq!(decide(text.as_bytes()), Decision::Review, "{text}");
    }
}

#[test]
fn the_json_has_the_shape_of_the_contract() {
    let bytes = b"a;effectif\nx;120\ny;4\n";
    let report = &check(&[Input { name: "a.csv", bytes }], &rules())[0];
    let json = serde_json::to_value(report).expect("serializable");
    let finding = &json["findings"][0];
    assert_eq!(json["decision"], "refuse");
    assert_eq!((&finding["rule"], &finding["severity"]), (&"FREQ_MIN".into(), &"error".into()));
    assert_eq!(
        (&finding["location"]["line"], &finding["location"]["column"]),
        (&3.into(), &2.into())
    );
    assert_eq!((&finding["value"], &finding["threshold"]), (&4.0.into(), &10.0.into()));
    assert!(finding["message"].is_string() && finding["repair"].is_string());
    let row = usize::try_from(finding["location"]["row"].as_u64().expect("a row")).expect("small");
    assert_eq!(json["tables"][0]["rows"][row - 1][1]["text"], "4");
}

#[test]
fn files_above_the_limit_go_to_a_person() {
    let mut rules = rules();
    rules.max_files = 1;
    let file = Input { name: "a.csv", bytes: b"a;effectif\nx;120\ny;130\n" };
    let decisions: Vec<_> = check(&[file, file], &rules).iter().map(|r| r.decision).collect();
    assert_eq!(decisions, [Decision::Safe, Decision::Review]);
}

#[test]
fn a_line_without_end_is_not_read_and_not_safe() {
    let bytes = vec![b'1'; 3 << 20];
    assert_eq!(decide(&bytes), Decision::Review);
}

#[test]
fn figures_that_form_no_table_go_to_a_person() {
    assert_eq!(decide(b"12 4\n\nprose without figures\n"), Decision::Review);
    assert_eq!(decide("Le taux est de 72 % en 2020.\n".as_bytes()), Decision::Safe);
    let prose = "Ce texte décrit les résultats de l'enquête auprès des ménages.\n".repeat(9);
    assert_eq!(decide(prose.as_bytes()), Decision::Safe);
    for row in ["Nord;3\n", "Nord|3\n", "Nord,3,4\n"] {
        assert_ne!(decide(format!("{prose}{row}").as_bytes()), Decision::Safe, "{row}");
    }
}

#[test]
fn a_table_wider_than_the_rules_compare_goes_to_a_person() {
    let wide = "mean;".repeat(40_000) + "\n" + &"9;".repeat(40_000) + "\n";
    assert_eq!(decide(wide.as_bytes()), Decision::Review);
}

#[test]
fn one_wide_line_does_not_make_a_hundred_thousand_short_ones_wide() {
    // As wide as the widest, these would be ten thousand million cells.
    let ragged = format!("a{}\n", ";1".repeat(100_000)) + &"x;1\n".repeat(100_000);
    let report = &check(&[Input { name: "a.csv", bytes: ragged.as_bytes() }], &rules())[0];
    assert!(!report.checked, "{:?}", report.decision);
    let printed = format!("a{}\n", " 1".repeat(60_000)) + &"x 1\n".repeat(60_000);
    let report = &check(&[Input { name: "a.log", bytes: printed.as_bytes() }], &rules())[0];
    assert!(!report.checked, "{:?}", report.decision);
    let bars = format!("|a{}|\n|--|--|\n", "|1".repeat(60_000)) + &"|x|1|\n".repeat(60_000);
    let report = &check(&[Input { name: "a.md", bytes: bars.as_bytes() }], &rules())[0];
    assert!(!report.checked, "{:?}", report.decision);
}

#[test]
fn a_long_header_over_many_columns_is_not_copied_whole() {
    let long = "a;b;".to_owned() + &"w".repeat(100_000) + &";".repeat(100_000) + "\n";
    let text = long.clone() + &long + &"1;".repeat(100_000) + "\n" + &"1;".repeat(100_000) + "\n";
    assert_eq!(decide(text.as_bytes()), Decision::Review);
}
