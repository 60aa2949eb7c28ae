//! How fast a code book is read and written: made of 2,000 variables with questions, categories
//! and statistics, in two languages.

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// A code book as an archive writes it, indented, about 3 MB.
fn document() -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<codeBook xmlns=\"ddi:codebook:2_5\" \
         version=\"2.5\">\n  <stdyDscr><citation><titlStmt><titl xml:lang=\"en\">Bench</titl>\
         </titlStmt></citation></stdyDscr>\n  <fileDscr ID=\"F1\"/>\n  <dataDscr>\n",
    );
    for number in 0..2000 {
        let start = number * 4 + 1;
        writeln!(
            xml,
            "    <var ID=\"V{number}\" name=\"VAR_{number}\" files=\"F1\" intrvl=\"discrete\" dcml=\"0\">\n\
             \x20     <location StartPos=\"{start}\" EndPos=\"{start}\" width=\"1\"/>\n\
             \x20     <labl xml:lang=\"en\">Label of variable {number}</labl>\n\
             \x20     <labl xml:lang=\"fr\">Libellé de la variable {number}</labl>\n\
             \x20     <qstn>\n        <qstnLit xml:lang=\"fr\">\n          Diriez-vous que &lt;{number}&gt; est plutôt\n\
             \x20         grand ou plutôt petit&#160;?\n        </qstnLit>\n      </qstn>\n\
             \x20     <valrng><range UNITS=\"REAL\" min=\"1\" max=\"5\"/></valrng>\n\
             \x20     <sumStat type=\"vald\">4711</sumStat>"
        )
        .expect("writing to a string cannot fail");
        for value in 1..=6 {
            let missing = if value == 6 { "Y" } else { "N" };
            writeln!(
                xml,
                "      <catgry missing=\"{missing}\">\n        <catValu>{value}</catValu>\n\
                 \x20       <labl xml:lang=\"fr\">Modalité {value}</labl>\n\
                 \x20       <catStat type=\"freq\">{start}</catStat>\n      </catgry>"
            )
            .expect("writing to a string cannot fail");
        }
        xml.push_str("      <varFormat type=\"numeric\" schema=\"other\"/>\n    </var>\n");
    }
    xml.push_str("  </dataDscr>\n</codeBook>\n");
    xml
}

fn bench(c: &mut Criterion) {
    let xml = document();
    let book = ddi::import(xml.as_bytes()).expect("it is well-formed").codebooks.remove(0);
    let written = ddi::export(&book, ddi::Version::V2_5);
    let mut group = c.benchmark_group("codebook");
    group.throughput(Throughput::Bytes(xml.len() as u64));
    group.bench_function("import", |b| b.iter(|| ddi::import(black_box(xml.as_bytes()))));
    group.throughput(Throughput::Bytes(written.len() as u64));
    group
        .bench_function("export", |b| b.iter(|| ddi::export(black_box(&book), ddi::Version::V2_5)));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
