//! A seeded simulator of decisions: to start a centre that has none, and to test.
//!
//! It follows how unsafe requests come about rather than drawing features from two heaps: authors
//! take more or less care and keep doing so, projects publish finer or coarser tables, each fault
//! (a small count, a difference to an earlier table, a dominated sum...) comes about with a chance of
//! its own, rules see it or do not, and rules also fire on what is harmless. Checkers then err in a
//! set share of their decisions, and what they decided is the history of the next requests. The
//! numbers are assumptions, stated here; no centre's decisions went into them.

use super::decisions::{Decision, Decisions};
use super::features::{Earlier, FEATURES, place};
use super::numbers::{log2, logistic};
use crate::protect::random::Random;

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// How many requests.
    pub requests: usize,
    /// The seed.
    pub seed: u64,
    /// The share of decisions that are wrong, either way.
    pub noise: f64,
}

/// A fault, how it comes about and how it is seen.
struct Fault {
    rule: &'static str,
    /// Its chance in logits where care and fineness are middling.
    base: f64,
    /// By how much lack of care raises the chance, in logits from the best to the worst.
    care: f64,
    /// By how much fineness of the tables does.
    fine: f64,
    /// The share that the rule sees.
    seen: f64,
    /// Whether the rule refuses; otherwise it asks for a person.
    refuses: bool,
    /// The share of harmless requests on which the rule fires, as a warning.
    false_alarm: f64,
}

const fn fault(
    rule: &'static str,
    chance: [f64; 3],
    seen: f64,
    refuses: bool,
    false_alarm: f64,
) -> Fault {
    let [base, care, fine] = chance;
    Fault { rule, base, care, fine, seen, refuses, false_alarm }
}

const FAULTS: [Fault; 12] = [
    fault("freq_min", [-8.0, 5.40, 7.50], 0.985, true, 0.010),
    fault("secondary_recoverable", [-9.0, 4.50, 6.75], 0.97, true, 0.004),
    fault("differencing", [-9.4, 4.50, 6.75], 0.96, true, 0.006),
    fault("derived_count", [-9.6, 4.50, 6.00], 0.95, true, 0.006),
    fault("dominance", [-9.8, 4.80, 6.75], 0.93, true, 0.004),
    fault("id_direct", [-9.4, 6.75, 0.00], 0.985, true, 0.002),
    fault("rows_individual", [-9.2, 6.75, 0.75], 0.985, true, 0.004),
    fault("hidden_content", [-8.8, 5.25, 0.00], 0.97, false, 0.008),
    fault("dof_low", [-9.4, 4.50, 3.75], 0.95, false, 0.005),
    fault("class_disclosure", [-9.4, 4.50, 6.00], 0.95, true, 0.006),
    fault("extreme_value", [-9.0, 5.25, 3.00], 0.96, false, 0.012),
    fault("unreadable", [-8.8, 4.50, 0.00], 0.99, false, 0.020),
];

struct Author {
    care: f64,
    project: usize,
    earlier: Earlier,
}

struct Project {
    fine: f64,
    earlier: Earlier,
}

/// Simulates the decisions of `plan`, in the order of time. Same plan, same decisions.
pub fn simulate(plan: &Plan) -> Decisions {
    let mut random = Random::new(plan.seed);
    let mut projects: Vec<Project> = (0..plan.requests / 25 + 5)
        .map(|_| Project { fine: random.unit(), earlier: Earlier::default() })
        .collect();
    let mut authors: Vec<Author> = (0..plan.requests / 12 + 10)
        .map(|_| {
            let care = 1.0 - random.unit().powi(2); // most take care
            let project = random.below(projects.len());
            Author { care, project, earlier: Earlier::default() }
        })
        .collect();
    let names = FEATURES.iter().map(|feature| feature.name.to_owned()).collect();
    let mut rows = Vec::with_capacity(plan.requests);
    for number in 0..plan.requests {
        let who = random.below(authors.len());
        let author = &mut authors[who];
        let project = &mut projects[author.project];
        let mut draft = Draft::new(&mut random, author, project);
        draft.faults();
        let Draft { features, is_unsafe, .. } = draft;
        let decided = is_unsafe != (random.unit() < plan.noise);
        let refused = decided && random.unit() < 0.25;
        for earlier in [&mut author.earlier, &mut project.earlier] {
            earlier.requests += 1;
            earlier.returned += u32::from(decided && !refused);
            earlier.refused += u32::from(refused);
        }
        rows.push(Decision {
            request: format!("s{number}"),
            features,
            is_unsafe: decided,
            truth: Some(is_unsafe),
            weight: 1.0,
        });
    }
    Decisions { names, rows }
}

/// A request on its way.
struct Draft<'a> {
    random: &'a mut Random,
    /// 0 the worst, 1 the best.
    care: f64,
    /// 0 the coarsest, 1 the finest.
    fine: f64,
    features: Vec<f64>,
    is_unsafe: bool,
}

impl<'a> Draft<'a> {
    fn new(random: &'a mut Random, author: &Author, project: &Project) -> Self {
        let near = |middle: f64, random: &mut Random| {
            (middle + 0.3 * (random.unit() + random.unit() - 1.0)).clamp(0.0, 1.0)
        };
        let (care, fine) = (near(author.care, random), near(project.fine, random));
        let features = vec![0.0; FEATURES.len()];
        let mut draft = Self { random, care, fine, features, is_unsafe: false };
        draft.files();
        draft.tables();
        draft.words();
        for (name, earlier) in [("project", project.earlier), ("author", author.earlier)] {
            let fields = ["requests", "returned", "refused", "against"];
            for (field, value) in fields.iter().zip(earlier.features()) {
                draft.set(&format!("{name}_{field}"), value);
            }
        }
        draft
    }

    fn set(&mut self, name: &str, value: f64) {
        if let Some(at) = place(name) {
            self.features[at] = value;
        }
    }

    fn get(&self, name: &str) -> f64 {
        place(name).map_or(0.0, |at| self.features[at])
    }

    fn add(&mut self, name: &str, value: f64) {
        self.set(name, self.get(name) + value);
    }

    fn chance(&mut self, probability: f64) -> f64 {
        f64::from(u8::from(self.random.unit() < probability))
    }

    /// How many of something whose number falls by `share` each time.
    fn some(&mut self, share: f64, most: u32) -> f64 {
        let more = (0..most).take_while(|_| self.random.unit() < share).count();
        super::numbers::of(more)
    }

    fn files(&mut self) {
        let outputs = 1.0 + self.some(0.6, 30);
        self.set("outputs", outputs);
        let supporting = self.some(0.25, 3);
        self.set("supporting", supporting);
        let kinds = ["text_tables", "consoles", "offices", "pdfs", "images", "markups", "codes"];
        let shares = [0.45, 0.62, 0.82, 0.90, 0.94, 0.99, 1.0];
        let mut left = outputs;
        while left > 0.5 {
            let draw = self.random.unit();
            let at = shares.iter().position(|share| draw < *share).unwrap_or(0);
            self.add(kinds[at], 1.0);
            left -= 1.0;
        }
        let size = 5.0 + 3.0 * self.fine + 7.0 * self.random.unit() + log2(outputs);
        self.set("bytes", size);
    }

    fn tables(&mut self) {
        let tables = self.get("outputs") - self.get("images") + self.some(0.4, 20);
        self.set("tables", tables);
        if tables < 0.5 {
            self.set("smallest_count", f64::NAN);
            return;
        }
        let longest = 1.5 + 5.0 * self.fine * self.random.unit() + self.random.unit();
        let widest = 1.0 + 2.0 * self.random.unit();
        let cells = longest + widest + log2(tables) - 1.0;
        let figures = cells - 0.3 - self.random.unit();
        for (name, value) in
            [("longest", longest), ("widest", widest), ("cells", cells), ("figures", figures)]
        {
            self.set(name, value);
        }
        if self.random.unit() < 0.25 {
            self.set("smallest_count", f64::NAN); // coefficients, means, percentages
            return;
        }
        let counts = (figures - 1.5 * self.random.unit()).max(1.0);
        self.set("counts", counts);
        // The finer the tables, the nearer their smallest count comes to the threshold of ten.
        let above = (1.0 - self.fine) * 6.0 * self.random.unit() + 4.0 * self.random.unit();
        self.set("smallest_count", log2(10.0) + above);
        let near = if above < 1.0 { 0.4 * self.random.unit() } else { 0.0 };
        self.set("near_share", near);
        let masked = self.chance(0.2) * 0.3 * self.random.unit();
        self.set("masked_share", masked);
    }

    fn words(&mut self) {
        let care = self.care;
        let length = 2.5 + 3.5 * care * self.random.unit() + self.random.unit();
        self.set("description", length);
        let numbers = self.some(0.3 + 0.4 * care, 20);
        self.set("described_numbers", numbers);
        let told = ["population", "unit", "threshold", "suppression", "rounding"];
        for (name, most) in told.into_iter().zip([0.8, 0.7, 0.7, 0.3, 0.15]) {
            let told = self.chance(0.1 + most * care);
            self.set(&format!("tells_{name}"), told);
        }
    }

    /// Faults come about, rules see them, and rules fire on what is harmless.
    fn faults(&mut self) {
        let mut fired = 0.0;
        for fault in &FAULTS {
            let logits =
                fault.base + fault.care * (1.0 - self.care) + fault.fine * self.fine.powi(2);
            let happens = self.random.unit() < logistic(logits);
            self.is_unsafe |= happens;
            let seen = happens && self.random.unit() < fault.seen;
            let alarm = !happens && self.random.unit() < fault.false_alarm;
            if !(seen || alarm) {
                continue;
            }
            fired += 1.0;
            let findings = 1.0 + self.some(0.7, 60);
            self.add(&format!("rule_{}", fault.rule), findings);
            self.add(if seen && fault.refuses { "errors" } else { "warnings" }, findings);
            if fault.rule == "unreadable" {
                self.add("unread", 1.0);
            }
            if seen && fault.rule == "freq_min" {
                let small = log2(1.0 + 8.0 * self.random.unit());
                self.set("smallest_count", small);
            }
        }
        self.set("rules_fired", fired);
        let remarks = self.some(0.3, 10);
        self.set("remarks", remarks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_plan_gives_the_same_decisions() {
        let plan = Plan { requests: 300, seed: 1, noise: 0.05 };
        let decisions = simulate(&plan);
        assert_eq!(decisions.digest(), simulate(&plan).digest());
        assert_ne!(decisions.digest(), simulate(&Plan { seed: 2, ..plan }).digest());
        let read = Decisions::from_csv(&decisions.to_csv()).expect("sound");
        assert_eq!(read.digest(), decisions.digest());
    }

    #[test]
    fn checkers_err_as_often_as_planned_and_history_adds_up() {
        let decisions = simulate(&Plan { requests: 8000, seed: 3, noise: 0.05 });
        let wrong = decisions.rows.iter().filter(|row| row.truth != Some(row.is_unsafe)).count();
        assert!((300..500).contains(&wrong), "{wrong} of 8000");
        let is_unsafe = decisions.rows.iter().filter(|row| row.truth == Some(true)).count();
        assert!((800..2400).contains(&is_unsafe), "{is_unsafe} of 8000");
        let last = decisions.rows.last().expect("rows");
        assert!(last.features[place("project_requests").expect("there")] > 5.0);
    }
}
