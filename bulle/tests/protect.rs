//! `bulle protect` as other programs call it: files in, files out, exit codes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const CELLS: &str = "id,value,n,status,lb,ub,lpl,upl\n\
    a,4,3,u,,,1,1\nb,6,5,s,,,,\nt,10,8,z,,,,\n";
const RELATIONS: &str = r#"{"constraints": [{"total": "t", "children": ["a", "b"]}]}"#;

/// A folder with a table of a total of two cells.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(cells: &str) -> Self {
        let desk = Self { folder: tempfile::tempdir().expect("a folder") };
        desk.put("c.csv", cells);
        desk.put("r.json", RELATIONS);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("a folder");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        names.sort();
        names
    }

    /// Runs in the folder.
    fn run(&self, args: &[&str]) -> Output {
        run(self.folder.path(), args)
    }

    fn protect(&self, more: &[&str]) -> Output {
        self.run(&[&["--cells", "c.csv", "--relations", "r.json"], more].concat())
    }
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bulle"))
        .arg("protect")
        .args(args)
        .current_dir(folder)
        .output()
        .expect("the binary runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

fn told(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(text).expect("words")
}

#[test]
fn the_suppressed_cells_are_written_with_their_kind_and_the_audit_agrees() {
    let desk = Desk::new(CELLS);
    let output = desk.protect(&["--cost", "count", "--out", "o.csv", "--intervals", "i.csv"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(desk.text("o.csv"), "id,status\na,primary\nb,secondary\n");
    assert_eq!(desk.text("i.csv"), "id,value,least,most\na,4,0,10\nb,6,0,10\n");
    assert!(told(&output).contains("cost: 1\n"), "{}", told(&output));
    let output = desk.protect(&["--audit", "o.csv"]);
    assert_eq!((code(&output), told(&output).as_str()), (0, "audit: 2 demands, 0 faults\n"));
    assert_eq!(desk.names(), ["c.csv", "i.csv", "o.csv", "r.json"], "nothing else is left");
}

#[test]
fn the_audit_finds_a_published_primary_and_a_suppressed_total() {
    // A primary without levels used to pass when it was published.
    let desk = Desk::new(&CELLS.replace(",1,1\n", ",0,0\n"));
    desk.put("p.csv", "id,status\nt,secondary\n");
    let output = desk.protect(&["--audit", "p.csv"]);
    assert_eq!(code(&output), 1);
    let told = told(&output);
    assert!(told.contains("`a` is published and must be suppressed"), "{told}");
    assert!(told.contains("`t` is suppressed and must be published"), "{told}");
}

#[test]
fn a_pattern_is_read_whatever_the_case_of_its_words_and_refused_where_it_is_unclear() {
    let desk = Desk::new(CELLS);
    desk.put("p.csv", "Id,Status\na,Primary\nb,SAFE\n");
    let output = desk.protect(&["--audit", "p.csv"]);
    assert_eq!(code(&output), 1, "b is not suppressed: {}", told(&output));
    assert!(told(&output).contains("`a` moves up by 0 and should by 1\n"), "{}", told(&output));
    for wrong in ["id,status\na,hidden\n", "a\nb\n", "id\nzz\n", "id,status\na\n"] {
        desk.put("p.csv", wrong);
        let output = desk.protect(&["--audit", "p.csv"]);
        assert_eq!(code(&output), 2, "{wrong} {}", told(&output));
    }
}

#[test]
fn an_output_that_is_an_input_is_refused_and_the_input_stays() {
    let desk = Desk::new(CELLS);
    for out in ["c.csv", "r.json", "../x/c.csv", "./c.csv"] {
        let out = out.replace("../x", desk.folder.path().to_str().expect("a path"));
        let output = desk.protect(&["--out", &out]);
        assert_eq!(code(&output), 2, "{out} {}", told(&output));
    }
    let output = desk.protect(&["--out", "o.csv", "--intervals", "o.csv"]);
    assert_eq!(code(&output), 2, "{}", told(&output));
    assert_eq!((desk.text("c.csv"), desk.text("r.json")), (CELLS.into(), RELATIONS.into()));
    assert_eq!(desk.names(), ["c.csv", "r.json"]);
}

#[test]
fn a_failure_leaves_an_older_file_and_says_that_it_is_older() {
    let desk = Desk::new(&CELLS.replace("b,6,5,s", "b,6,5,z"));
    desk.put("o.csv", "older\n");
    let output = desk.protect(&["--out", "o.csv"]);
    assert_eq!(code(&output), 1, "no pattern can be valid: {}", told(&output));
    assert!(told(&output).contains("nothing is written"), "{}", told(&output));
    assert!(told(&output).contains("o.csv is older"), "{}", told(&output));
    desk.put("c.csv", "id,value,status\na,x,u\n");
    let output = desk.protect(&["--out", "o.csv"]);
    assert_eq!(code(&output), 2);
    assert!(told(&output).contains("line 2 of the cells, column `value`"), "{}", told(&output));
    assert!(told(&output).contains("o.csv is older"), "{}", told(&output));
    assert_eq!(desk.text("o.csv"), "older\n");
    assert_eq!(desk.names(), ["c.csv", "o.csv", "r.json"]);
    desk.put("c.csv", CELLS);
    assert_eq!(code(&desk.protect(&["--out", "o.csv"])), 0);
    assert!(desk.text("o.csv").contains("primary"), "a success replaces it");
}

#[test]
fn what_cannot_be_written_is_an_error_without_a_part_left() {
    let desk = Desk::new(CELLS);
    fs::create_dir(desk.path("o.csv")).expect("a folder in the way");
    assert_eq!(code(&desk.protect(&["--out", "o.csv"])), 2);
    assert_eq!(code(&desk.protect(&["--out", "none/o.csv"])), 2);
    assert_eq!(desk.names(), ["c.csv", "o.csv", "r.json"]);
}

#[test]
fn a_table_goes_through_the_file_of_tau_argus_and_back() {
    let desk = Desk::new(CELLS);
    assert_eq!(code(&desk.protect(&["--write-jj", "t.jj"])), 0);
    let output = desk.run(&["--jj", "t.jj", "--out", "o.csv"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(desk.text("o.csv"), "id,status\n0,primary\n1,secondary\n");
    desk.put("t.jj", "0\n99999999999\n0 10 10 s 0 10 0 0 0\n");
    assert_eq!(code(&desk.run(&["--jj", "t.jj", "--out", "o.csv"])), 2);
}

#[test]
fn microdata_with_quotes_inside_fields_lose_no_unit() {
    let desk = Desk::new(CELLS);
    desk.put("s.toml", "dimensions = [\"act\"]\nvalue = \"turnover\"\n[rules]\nfrequency = 3\n");
    let units = "Pipes 12\" SA,A,10\n\"x, 1\",A,20\nx2,A,30\nx3 6\",B,40\nx4,C,50\n";
    desk.put("m.csv", &format!("name,act,turnover\n{units}"));
    let output = desk.run(&["m.csv", "--spec", "s.toml", "--out", "o.csv"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert!(desk.text("o.csv").contains("Total,5,150,V\n"), "{}", desk.text("o.csv"));
    for (line, wrong) in [(7, "\"x5,A,60\n"), (7, "x5,A,60,7\n"), (7, "x5,A,\"1,234\"\n")] {
        desk.put("m.csv", &format!("name,act,turnover\n{units}{wrong}"));
        let output = desk.run(&["m.csv", "--spec", "s.toml", "--out", "o.csv"]);
        assert_eq!(code(&output), 2, "{wrong}");
        assert!(told(&output).contains(&format!("line {line}")), "{wrong} {}", told(&output));
    }
    desk.put("m.csv", "name,act,turnover\nx,Total,1\n");
    let output = desk.run(&["m.csv", "--spec", "s.toml", "--out", "o.csv"]);
    assert_eq!(code(&output), 2, "a code is the total's name: {}", told(&output));
}

#[test]
fn a_level_far_below_the_largest_of_the_table_is_protected() {
    // The worst finding of a review: levels of 5e-4 beside levels of 1e12 were taken for met.
    let desk = Desk::new(
        "id,value,status,lpl,upl\nA,5e12,u,1e12,1e12\nB,6e12,s,,\nT,11e12,z,,\n\
         a,4,u,0.0005,0.0005\nb,6,s,,\nt,10,z,,\n",
    );
    desk.put(
        "r.json",
        r#"{"constraints": [{"total": "t", "children": ["a", "b"]},
            {"total": "T", "children": ["A", "B"]}]}"#,
    );
    let output = desk.protect(&["--out", "o.csv"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    let found = desk.text("o.csv");
    assert_eq!(found, "id,status\nA,primary\nB,secondary\na,primary\nb,secondary\n");
    desk.put("p.csv", &found.replace("b,secondary\n", ""));
    let output = desk.protect(&["--audit", "p.csv"]);
    assert_eq!(code(&output), 1, "{}", told(&output));
    assert!(told(&output).contains("`a` moves up by 0 and should by 0.0005"), "{}", told(&output));
}

#[test]
fn alone_contributors_need_counts_and_numbers_must_be_numbers() {
    let desk = Desk::new("id,value,status\na,4,u\nb,6,s\nt,10,s\n");
    let output = desk.protect(&["--singletons", "--out", "o.csv"]);
    assert_eq!(code(&output), 2, "{}", told(&output));
    for wrong in ["nan", "inf", "\"1,234\"", "4 000"] {
        desk.put("c.csv", &format!("id,value,status\na,{wrong},u\nb,6,s\nt,10,s\n"));
        let output = desk.protect(&["--out", "o.csv"]);
        assert_eq!(code(&output), 2, "{wrong} {}", told(&output));
    }
    assert_eq!(desk.names(), ["c.csv", "r.json"]);
}

#[test]
fn a_rounded_table_adds_up_and_one_that_protects_too_little_is_not_written() {
    let desk = Desk::new(CELLS);
    let output = desk.protect(&["--method", "rounding", "--base", "5", "--out", "o.csv"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(desk.text("o.csv"), "id,value\na,5\nb,5\nt,10\n");
    desk.put("c.csv", &CELLS.replace("a,4,3,u,,,1,1", "a,4,3,u,,,4,7"));
    let output = desk.protect(&["--method", "rounding", "--base", "5", "--out", "o2.csv"]);
    assert_eq!(code(&output), 1, "{}", told(&output));
    assert!(told(&output).contains("`a`"), "{}", told(&output));
    assert!(!desk.path("o2.csv").exists());
    let output = desk.protect(&["--method", "rounding", "--base", "1", "--out", "o2.csv"]);
    assert_eq!(code(&output), 2, "a fault of usage: {}", told(&output));
}

#[test]
fn options_that_the_method_would_pass_over_are_refused() {
    let desk = Desk::new(CELLS);
    desk.put("k", "0123456789abcdef0123456789abcdef");
    let cases: [(&str, &str, &[&str]); 11] = [
        ("suppression", "--base", &["5"]),
        ("suppression", "--key", &["k"]),
        ("suppression", "--merges", &["3"]),
        ("rounding", "--merges", &["3"]),
        ("rounding", "--seed", &["1"]),
        ("rounding", "--cost", &["value"]),
        ("rounding", "--intervals", &["i.csv"]),
        ("recoding", "--base", &["5"]),
        ("recoding", "--singletons", &[]),
        ("recoding", "--write-jj", &["t.jj"]),
        ("recoding", "--work", &["9"]),
    ];
    for (method, option, value) in cases {
        let args = [&["--method", method, "--out", "o.csv", option][..], value].concat();
        let output = desk.protect(&args);
        assert_eq!(code(&output), 2, "{method} {option} {}", told(&output));
        let named = format!("{option} would change nothing with --method {method}");
        assert!(told(&output).contains(&named), "{}", told(&output));
    }
    let output = desk.protect(&["--method", "rounding", "--write-jj", "t.jj"]);
    assert_eq!(code(&output), 2, "{}", told(&output));
    desk.put("o2.csv", "id\na\n");
    assert_eq!(code(&desk.protect(&["--audit", "o2.csv", "--seed", "2"])), 2);
    assert_eq!(desk.names(), ["c.csv", "k", "o2.csv", "r.json"], "nothing is written");
}

#[test]
fn what_rounding_tells_is_one_truth() {
    let rounding = ["--method", "rounding", "--out", "o.csv"];
    let desk = Desk::new("id,value,status,lb,ub,lpl,upl\na,4,u,4,4,0,0\nb,6,s,,,,\nt,10,s,,,,\n");
    let output = desk.protect(&rounding);
    assert_eq!(code(&output), 0, "{}", told(&output));
    let text = told(&output);
    assert!(text.contains("distance: 2\nlower bound: 2\n"), "{text}");
    assert!(text.contains("every sum adds up, 0 demands met, 1 missed\n"), "{text}");
    assert!(text.contains("`a` has no protection levels and moves by 0 only"), "{text}");
    assert!(text.contains("without --key who knows this program"), "{text}");
    // A level that whole numbers less than the base away do not reach.
    desk.put("c.csv", "id,value,status,upl\na,10,u,5\nb,10,s,\nt,20,s,\n");
    let output = desk.protect(&rounding);
    assert_eq!(code(&output), 1, "{}", told(&output));
    assert!(told(&output).contains("`a`, which moves by 4 and should by 5"), "{}", told(&output));
    // What is published is known, and rounded all the same.
    desk.put("c.csv", "id,value,status,upl\na,4,u,1\nb,7,s,\nt,11,z,\n");
    let output = desk.protect(&rounding);
    assert_eq!(code(&output), 0, "{}", told(&output));
    let text = told(&output);
    assert!(text.contains("of 1 cells with status z 1 are rounded"), "{text}");
    // Alone in b, its contributor knows b and the published total.
    desk.put("c.csv", "id,value,n,status,upl\na,4,3,u,1\nb,7,1,u,1\nt,11,4,z,\n");
    let output = desk.protect(&[&rounding[..], &["--singletons"]].concat());
    assert_eq!(code(&output), 1, "{}", told(&output));
    assert!(told(&output).contains("`a` for the contributor of `b`"), "{}", told(&output));
}

#[test]
fn a_key_is_read_and_one_that_could_be_tried_out_is_refused() {
    let desk = Desk::new(CELLS);
    let rounding = ["--method", "rounding", "--out", "o.csv", "--key", "k"];
    assert_eq!(code(&desk.protect(&rounding)), 2, "there is no key");
    desk.put("k", "secret");
    let output = desk.protect(&rounding);
    assert_eq!(code(&output), 2);
    assert!(told(&output).contains("the key has 6 bytes"), "{}", told(&output));
    desk.put("k", "0123456789abcdef0123456789abcdef");
    let output = desk.protect(&rounding);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert!(!told(&output).contains("--key"), "{}", told(&output));
    let output = desk.protect(&["--method", "rounding", "--out", "k", "--key", "k"]);
    assert_eq!(code(&output), 2, "the key would be lost: {}", told(&output));
}

#[test]
fn a_value_too_large_to_be_rounded_is_an_error() {
    let desk = Desk::new("id,value,status\na,1e19,s\nb,1e19,s\nt,2e19,s\n");
    let args = ["--method", "rounding", "--base", "4294967295", "--out", "o.csv"];
    let output = desk.protect(&args);
    assert_eq!(code(&output), 2, "{}", told(&output));
    assert!(told(&output).contains("`a` is too large"), "{}", told(&output));
}

#[test]
fn categories_to_merge_are_proposed_with_what_remains() {
    let desk = Desk::new(CELLS);
    desk.put("s.toml", "dimensions = [\"act\", \"sex\"]\n[rules]\nfrequency = 3\n");
    let mut units = String::from("act,sex\n");
    for (act, count) in [("A", 3), ("B", 1), ("C", 2)] {
        for sex in ["f", "m"] {
            units.push_str(&format!("{act},{sex}\n").repeat(count));
        }
    }
    desk.put("m.csv", &units);
    let args = ["m.csv", "--spec", "s.toml", "--method", "recoding", "--out", "o.csv"];
    let output = desk.run(&args);
    assert_eq!(code(&output), 0, "{}", told(&output));
    let text = desk.text("o.csv");
    assert_eq!(text, "step,dimension,merge,with,primary,cells,cost\n1,act,B,C,0,9,2\n");
    assert!(told(&output).contains("merge `B` with `C`"), "{}", told(&output));
    assert!(told(&output).contains("all steps together are a heuristic"), "{}", told(&output));
    let output = desk.protect(&["--method", "recoding", "--out", "o2.csv"]);
    assert_eq!(code(&output), 2, "microdata are needed: {}", told(&output));
}

#[test]
fn the_contract_holds_for_files_of_other_programs() {
    // Columns in another order, ids in quotes, with commas and as numbers, floats, a byte order
    // mark, keys that are not asked for.
    let desk = Desk::new(
        "\u{feff}status,region,value,id\r\nu,N,4.5,\"x, 1\"\r\ns,S,6.25,2\r\ns,,10.75,\"t\"\r\nz,O,0,zero\r\n",
    );
    desk.put(
        "r.json",
        r#"{"name": "x", "constraints": [{"total": "t", "children": ["x, 1", 2, "zero"], "w": 1}]}"#,
    );
    let output = desk.protect(&["--cost", "value", "--out", "o.csv"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(desk.text("o.csv"), "id,status\n\"x, 1\",primary\n2,secondary\n");
    // Negative values.
    desk.put("c.csv", "id,value,status\na,-4,u\nb,14,s\nt,10,s\n");
    desk.put("r.json", RELATIONS);
    let output = desk.protect(&["--out", "o.csv"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(desk.text("o.csv"), "id,status\na,primary\nt,secondary\n");
    // Faults, each named.
    for (cells, named) in [
        ("id,value,status\na,4,u\na,6,s\nt,10,s\n", "`a` is there twice"),
        ("id,value,status\na,4,u\nb,6,s\n", "`t`"),
        ("id,value,status\na,4,u\nb,9,s\nt,10,s\n", "add up to 13"),
        ("id,value,status,lb\na,4,u,5\nb,6,s,\nt,10,s,\n", "bounds"),
    ] {
        desk.put("c.csv", cells);
        let output = desk.protect(&["--out", "o3.csv"]);
        assert_eq!(code(&output), 2, "{cells} {}", told(&output));
        assert!(told(&output).contains(named), "{cells} {}", told(&output));
    }
    // Nothing may be suppressed: no pattern is valid.
    desk.put("c.csv", "id,value,status,lpl,upl\na,4,u,1,1\nb,6,z,,\nt,10,z,,\n");
    let output = desk.protect(&["--out", "o3.csv"]);
    assert_eq!(code(&output), 1, "{}", told(&output));
    assert!(told(&output).contains("`a` cannot be protected"), "{}", told(&output));
    assert!(!desk.path("o3.csv").exists());
}
