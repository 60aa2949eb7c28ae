//! The sections of the page.

use super::svg::{Bar, bars, curves};
use super::{Filled, Group, escaped};
use crate::block::RuleReport;
use crate::cluster::stable::Change;
use crate::compare::{Grade, level_of, text_of};
use crate::run::Linked;
use std::fmt::Write as _;

/// Patterns in the table.
const MOST_PATTERNS: usize = 200;

fn section(title: &str, text: &str, content: &str) -> String {
    format!("<section><h2>{title}</h2><p>{text}</p><div class=\"wide\">{content}</div></section>\n")
}

/// Expected precision and recall at each cut.
pub(super) fn threshold(linked: &Linked) -> String {
    let mut links = linked.links.clone();
    links.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let (Some(first), Some(last)) = (links.first(), links.last()) else { return String::new() };
    let (high, low) = (first.weight.min(60.0), last.weight);
    let place = |weight: f64| ((weight.min(60.0) - low) / (high - low).max(1e-9)).clamp(0.0, 1.0);
    let all = linked.cut.expected + linked.cut.unreached.unwrap_or(0.0);
    let (mut good, mut precision, mut recall) = (0.0, Vec::new(), Vec::new());
    let step = (links.len() / 200).max(1);
    for (at, link) in links.iter().enumerate() {
        good += link.probability;
        if at % step == 0 || at + 1 == links.len() {
            let x = place(link.weight);
            precision.push((x, good / (at + 1) as f64));
            recall.push((x, (good / all.max(1.0)).min(1.0)));
        }
    }
    let mark = place((linked.cut.probability / (1.0 - linked.cut.probability).max(1e-18)).log2());
    let ends = [format!("weight {low:.1}"), format!("weight {high:.1}")];
    let names = ["precision", "recall"];
    let drawing = curves("Precision and recall by cut", names, [&precision, &recall], ends, mark);
    section(
        "Where to cut",
        "What the model expects of the written pairs above each weight. It is an estimate of the \
         model, not a measure; where what no rule reached is unknown, recall is among compared pairs.",
        &drawing,
    )
}

pub(super) fn filled(filled: &[Filled]) -> String {
    let rows = filled.iter().flat_map(|column| {
        [("left", column.left), ("right", column.right)].map(|(side, share)| Bar {
            label: format!("{}, {side}", column.name),
            length: share,
            value: format!("{:.1} %", 100.0 * share),
        })
    });
    let rows: Vec<Bar> = rows.collect();
    section(
        "How full the columns are",
        "Share of the records that have a value.",
        &bars("Completeness", &rows),
    )
}

/// What became of the clusters of the earlier run.
pub(super) fn drift(linked: &Linked) -> String {
    let Some(drift) = &linked.drift else { return String::new() };
    let [both, new, gone] = drift.records;
    let [clusters, same] = drift.clusters;
    let mut table = String::from("<table>");
    let mut put = |name: &str, value: String| {
        let _ = writeln!(table, "<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>");
    };
    put("Records of both runs", both.to_string());
    put("Records of this run alone", new.to_string());
    put("Records of the earlier run alone", gone.to_string());
    put("Clusters of the earlier run", clusters.to_string());
    put("of these with the same records", same.to_string());
    for change in Change::ALL {
        let (lines, records) = drift.count(change);
        put(change.name(), format!("{lines} ({records} records)"));
    }
    table.push_str("</table>");
    let text = "An id stays with most of its records. <em>new</em>: no record of the cluster was there \
                before; <em>split</em>: a new id for records whose old one stayed with others; \
                <em>merged</em>: the old id ends, its records are in another cluster; <em>moved</em>: \
                both ids live on; <em>ended</em>: no record is left.";
    section("Against the earlier run", text, &table)
}

/// Who is linked less often.
pub(super) fn groups(groups: &[Group]) -> String {
    let share = |group: &Group| group.linked as f64 / group.records.max(1) as f64;
    let rows = groups.iter().map(|group| Bar {
        label: format!("{} ({} records)", group.name, group.records),
        length: share(group),
        value: format!("{:.1} % linked", 100.0 * share(group)),
    });
    let rows: Vec<Bar> = rows.collect();
    section(
        "Who is linked",
        "Share of the left file's records that have a link. A difference may be one of the files \
         (who is in both) or of the linkage (whose names change, whose dates are unknown).",
        &bars("Linked records by group", &rows),
    )
}

pub(super) fn rules(reports: &[RuleReport]) -> String {
    let most = reports.iter().map(|report| report.new).max().unwrap_or(1).max(1);
    let rows: Vec<Bar> = reports
        .iter()
        .map(|report| Bar {
            label: report.name.clone(),
            length: report.new as f64 / most as f64,
            value: match report.blocks_left_out {
                0 => report.new.to_string(),
                blocks => {
                    format!("{} ({blocks} blocks, {} pairs left out)", report.new, report.left_out)
                }
            },
        })
        .collect();
    let text = "Pairs that each rule found first. A block whose key too many records share is left out \
                of its rule; the rules after it ask for more.";
    section("Which pairs were compared", text, &bars("New pairs by rule", &rows))
}

/// Weight of each level: the logarithm of how much likelier it is among matches.
pub(super) fn levels(linked: &Linked) -> String {
    let model = &linked.model;
    let mean = |is_match: bool, at: usize, level: usize| {
        let classes = || model.classes.iter().filter(|class| class.is_match == is_match);
        let total: f64 = classes().map(|class| class.share).sum();
        classes().map(|class| class.share * class.levels[at][level]).sum::<f64>() / total.max(1e-12)
    };
    let mut rows = Vec::new();
    for (at, kind) in model.kinds.iter().enumerate() {
        for (level, (name, _)) in kind.levels().iter().enumerate() {
            let (m, u) = (mean(true, at, level + 1), mean(false, at, level + 1));
            let weight = (m.max(1e-9) / u.max(1e-9)).log2();
            rows.push(Bar {
                label: format!("{}: {name}", kind.name()),
                length: weight / 20.0,
                value: format!("{weight:+.1}   m {m:.4}  u {u:.4}"),
            });
        }
    }
    let text = "For each level its weight, its share among matches (m) and among the other compared \
                pairs (u). Classes of non-matches are averaged here; the model keeps them apart.";
    section("What each agreement is worth", text, &bars("Weights of levels", &rows))
}

/// Share and agreement of each class.
pub(super) fn classes(linked: &Linked) -> String {
    let model = &linked.model;
    let mut table = String::from(
        "<table><caption>Probability that the values agree, in each class</caption><thead><tr><th scope=\"col\">Class</th><th scope=\"col\">Share</th>",
    );
    for kind in &model.kinds {
        let _ = write!(table, "<th scope=\"col\">{}</th>", kind.name());
    }
    table.push_str("</tr></thead><tbody>");
    for class in &model.classes {
        let _ = write!(
            table,
            "<tr><th scope=\"row\">{}</th><td>{:.2} %</td>",
            escaped(&class.name),
            100.0 * class.share
        );
        for (at, kind) in model.kinds.iter().enumerate() {
            let levels = kind.levels().iter().enumerate();
            let agree = levels.filter(|(_, (_, grade))| *grade == Grade::Agree);
            let agree: f64 = agree.map(|(level, _)| class.levels[at][level + 1]).sum();
            let _ = write!(table, "<td>{agree:.3}</td>");
        }
        table.push_str("</tr>");
    }
    table.push_str("</tbody></table>");
    section(
        "Kinds of pairs",
        "The classes that the model found. Their names say what they started from.",
        &table,
    )
}

/// The commonest patterns, with weight and class.
pub(super) fn patterns(linked: &Linked) -> String {
    let (model, candidates) = (&linked.model, &linked.candidates);
    let odds = model.odds(&candidates.patterns);
    let mut order: Vec<usize> = (0..candidates.patterns.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(candidates.counts[*at]), *at));
    let mut table = String::from(
        "<table><thead><tr><th scope=\"col\">Pattern</th><th scope=\"col\">Pairs</th><th scope=\"col\">Weight</th><th scope=\"col\">Likeliest class</th><th scope=\"col\">Levels</th></tr></thead><tbody>",
    );
    for at in order.into_iter().take(MOST_PATTERNS) {
        let pattern = candidates.patterns[at];
        let shares = model.class_shares(pattern);
        let class = (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b]));
        let levels = model.kinds.iter().enumerate().filter_map(|(at, kind)| {
            let level = level_of(pattern, at).checked_sub(1)?;
            Some(format!("{}: {}", kind.name(), kind.levels()[level].0))
        });
        let _ = writeln!(
            table,
            "<tr><td><code>{}</code></td><td>{}</td><td>{:+.1}</td><td>{}</td><td>{}</td></tr>",
            text_of(pattern, model.kinds.len()),
            candidates.counts[at],
            odds[at].log2(),
            class.map_or(String::new(), |class| escaped(&model.classes[class].name)),
            escaped(&levels.collect::<Vec<_>>().join("; ")),
        );
    }
    table.push_str("</tbody></table>");
    let text = "The commonest patterns; the digits are those of the column <code>pattern</code>.";
    section("Patterns", text, &table)
}
