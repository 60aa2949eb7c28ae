//! Which way a request goes once the engine has looked at it: to a person, out, or to a person
//! because it was drawn (JOURNEYS 1.17). Rules refuse, the model only ranks: nothing here lets out
//! what a rule refuses or what was not read whole.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::export::{Export, ExportFile, ExportState, FileKind, Summary};
use crate::{ProducerId, WrongState};

/// A share in millionths: whole numbers, so that what was decided can be compared and repeated.
pub const WHOLE_PPM: u32 = 1_000_000;

/// What a producer wants of the checks of its exports; the lesser is the stricter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A checker looks at every request.
    #[default]
    Manual,
    /// Requests below the limit of the risk model leave without a checker, but for a sample.
    Scored,
    /// Requests on which no rule fires leave without a checker, but for a sample.
    Automatic,
}

impl Mode {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Scored => "scored",
            Self::Automatic => "automatic",
        }
    }
}

/// The way a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// It leaves without a checker.
    Automatic,
    /// It could have left, and was drawn for the sample.
    Sampled,
    /// A checker must look.
    Manual,
}

impl Route {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Sampled => "sampled",
            Self::Manual => "manual",
        }
    }
}

/// Why a request goes its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// It was returned before: a person asked for changes, a person looks at them.
    Returned,
    /// A rule refuses something in it.
    Rule,
    /// A rule asks for a person, or a file could not be read whole.
    Review,
    /// A producer wants every request checked.
    Mode,
    /// No risk model is in service, so that `scored` is `manual`.
    NoModel,
    /// Its score is not below the limit.
    Score,
    /// It was drawn.
    Drawn,
    /// Nothing speaks against it.
    Passed,
    /// The lead of the checkers took its approval back.
    Recalled,
    /// The project took back what a person was to see, and none has been decided since.
    Withdrawn,
    /// A producer has stopped the project's right to a source, for a while or for good.
    Stopped,
    /// Another request of the project, with which it was not compared, is under way or has just left.
    Beside,
}

impl Because {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Rule => "rule",
            Self::Review => "review",
            Self::Mode => "mode",
            Self::NoModel => "no_model",
            Self::Score => "score",
            Self::Drawn => "drawn",
            Self::Passed => "passed",
            Self::Recalled => "recalled",
            Self::Withdrawn => "withdrawn",
            Self::Stopped => "stopped",
            Self::Beside => "beside",
        }
    }
}

/// What the model in service says of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// SHA-256 of the model's file.
    pub model: String,
    /// The model's number within the centre.
    pub number: u32,
    /// The probability of not being approved as it stands, in millionths.
    pub ppm: u32,
    /// What ranks requests of one probability, in thousandths of a logit.
    pub margin_milli: i64,
    /// Whether it stays below the model's own limit.
    pub passes: bool,
    /// The three strongest reasons, the strongest first.
    pub reasons: Vec<ScoreReason>,
}

/// A reason of a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreReason {
    /// The feature, as the engine names it.
    pub feature: String,
    /// Whether it raises the risk; otherwise it lowers it.
    pub raises: bool,
}

/// What a way is chosen by, besides the request itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighing {
    /// The strictest mode of the project's producers.
    pub mode: Mode,
    /// The greatest share of the sample of these, in millionths.
    pub sample_ppm: u32,
    /// The least limit of the score of these, in millionths.
    pub limit_ppm: u32,
    /// What the model in service says, where there is one.
    pub score: Option<Score>,
    /// The request's draw, from 0 to below [`WHOLE_PPM`].
    pub draw_ppm: u32,
    /// Whose data the project used at the sealing, as the mode.
    pub producers: Vec<ProducerId>,
    /// Why another request of the project sends this one to a person, if one does.
    pub beside: Option<Because>,
}

/// The way a request went in a turn, with all that it was chosen by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    /// In which turn.
    pub turn: u32,
    /// When.
    pub at: Timestamp,
    /// Which way.
    pub route: Route,
    /// Why.
    pub because: Because,
    /// The strictest mode of the project's producers.
    pub mode: Mode,
    /// With which probability it was to be reviewed, in millionths: all of them where it had to be.
    pub probability_ppm: u32,
    /// Its draw, in millionths; where it could pass.
    pub draw_ppm: Option<u32>,
    /// What the model in service said.
    pub score: Option<Score>,
    /// Whose data the project used at the sealing, as the mode.
    pub producers: Vec<ProducerId>,
}

impl Routed {
    /// Whether it could have left without a checker: the population of the sample.
    pub fn could_pass(&self) -> bool {
        self.draw_ppm.is_some()
    }
}

impl Export {
    /// Goes its way: approved without a vote, or into the queue.
    ///
    /// Threat: a low score that lets out what a rule refuses. The findings are read here, out of the
    /// request itself, before anything that speaks for it.
    ///
    /// # Errors
    /// The engine has not looked at it.
    pub fn route(&self, by: Weighing, at: Timestamp) -> Result<Self, WrongState> {
        let ExportState::Scored { .. } = self.state else { return Err(self.wrong("route")) };
        let (route, because) = self.way(&by);
        let could_pass = matches!(because, Because::Drawn | Because::Passed);
        let state = match route {
            Route::Automatic => ExportState::Approved { votes: Vec::new() },
            Route::Sampled | Route::Manual => ExportState::Queued { since: at },
        };
        let mut next = self.in_state(state);
        next.routed = Some(Routed {
            turn: self.turn,
            at,
            route,
            because,
            mode: by.mode,
            probability_ppm: if could_pass { by.sample_ppm.min(WHOLE_PPM) } else { WHOLE_PPM },
            draw_ppm: could_pass.then_some(by.draw_ppm),
            score: by.score,
            producers: by.producers,
        });
        Ok(next)
    }

    fn way(&self, by: &Weighing) -> (Route, Because) {
        let report = |file: &super::export::ExportFile| file.report.clone();
        let reports: Vec<_> = self.outputs().map(report).collect();
        let refused = reports.iter().flatten().any(|r| r.errors > 0 || r.decision == "refuse");
        let safe = reports.iter().all(|r| r.as_ref().is_some_and(is_judged_safe))
            && self.files().filter(|file| file.kind != FileKind::Output).all(is_of_use);
        let over = |score: &Score| !score.passes || score.ppm > by.limit_ppm;
        let manual = |because| (Route::Manual, because);
        match (by.mode, &by.score) {
            _ if self.turn > 1 => manual(Because::Returned),
            _ if refused => manual(Because::Rule),
            _ if !safe || reports.is_empty() => manual(Because::Review),
            (Mode::Manual, _) => manual(Because::Mode),
            _ if by.beside.is_some() => manual(by.beside.unwrap_or(Because::Beside)),
            (Mode::Scored, None) => manual(Because::NoModel),
            (Mode::Scored, Some(score)) if over(score) => manual(Because::Score),
            _ if by.draw_ppm < by.sample_ppm => (Route::Sampled, Because::Drawn),
            _ => (Route::Automatic, Because::Passed),
        }
    }

    /// Whether this turn was approved without a vote.
    pub fn is_automatic(&self) -> bool {
        let this = |routed: &Routed| routed.turn == self.turn && routed.route == Route::Automatic;
        self.routed.as_ref().is_some_and(this)
    }

    /// The same in the queue, where its automatic approval was taken back.
    pub(super) fn queued_again(&self, why: Because, at: Timestamp) -> Self {
        let mut next = self.in_state(ExportState::Queued { since: at });
        if let Some(routed) = next.routed.as_mut() {
            (routed.route, routed.because) = (Route::Manual, why);
        }
        next
    }

    /// The score of its present turn, in millionths.
    pub fn score_ppm(&self) -> Option<u32> {
        let routed = self.routed.as_ref().filter(|routed| routed.turn == self.turn)?;
        routed.score.as_ref().map(|score| score.ppm)
    }
}

/// Whether rules have judged an output: prose and programs have no table that they could look at.
fn is_judged_safe(report: &Summary) -> bool {
    let clean = report.checked && report.warnings == 0 && report.decision == "safe";
    clean && report.tables > 0 && report.kind != "code"
}

/// Whether a file beside the outputs could be read: contributions that could not were not counted.
fn is_of_use(file: &ExportFile) -> bool {
    let unused = |report: &Summary| report.rules.iter().any(|rule| rule == "CONTROL_FILE_MISSING");
    file.withdrawn || file.report.as_ref().is_some_and(|report| report.checked && !unused(report))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outputs::export::Outcome;
    use crate::outputs::export_tests::{at, export};

    fn score(ppm: u32, passes: bool) -> Score {
        let model = "a".repeat(64);
        Score { model, number: 1, ppm, margin_milli: 0, passes, reasons: vec![] }
    }

    fn weighing(mode: Mode, score: Option<Score>, draw_ppm: u32) -> Weighing {
        let (sample_ppm, limit_ppm) = (50_000, 50_000);
        Weighing { mode, sample_ppm, limit_ppm, score, draw_ppm, producers: vec![], beside: None }
    }

    fn scored() -> Export {
        export(ExportState::Scored { sealed_at: at(0) })
    }

    fn way(before: &Export, by: Weighing) -> (&'static str, &'static str, &'static str) {
        let after = before.route(by, at(1)).expect("scored");
        let routed = after.routed.clone().expect("routed");
        (after.state.name(), routed.route.name(), routed.because.name())
    }

    #[test]
    fn each_mode_goes_its_way() {
        let low = || Some(score(10_000, true));
        let (queued, approved) = ("queued", "approved");
        for (mode, score, draw, told) in [
            (Mode::Manual, low(), 900_000, (queued, "manual", "mode")),
            (Mode::Scored, None, 900_000, (queued, "manual", "no_model")),
            (Mode::Scored, low(), 900_000, (approved, "automatic", "passed")),
            (Mode::Scored, low(), 49_999, (queued, "sampled", "drawn")),
            (Mode::Scored, low(), 50_000, (approved, "automatic", "passed")),
            (Mode::Scored, Some(score(50_001, true)), 900_000, (queued, "manual", "score")),
            (Mode::Scored, Some(score(10_000, false)), 900_000, (queued, "manual", "score")),
            (Mode::Automatic, None, 900_000, (approved, "automatic", "passed")),
            (Mode::Automatic, Some(score(900_000, false)), 1, (queued, "sampled", "drawn")),
        ] {
            assert_eq!(way(&scored(), weighing(mode, score, draw)), told);
        }
    }

    #[test]
    fn what_a_rule_refuses_or_was_not_read_goes_to_a_person_whatever_the_score() {
        for mode in [Mode::Scored, Mode::Automatic] {
            let by = || weighing(mode, Some(score(0, true)), 900_000);
            let changed = |change: fn(&mut crate::outputs::export::ExportFile)| {
                let mut before = scored();
                before.files_mut().for_each(change);
                way(&before, by())
            };
            let report = |file: &mut crate::outputs::export::ExportFile| file.report.take();
            assert_eq!(changed(|f| f.report.as_mut().unwrap().errors = 1).2, "rule");
            assert_eq!(
                changed(|f| f.report.as_mut().unwrap().decision = "refuse".into()).2,
                "rule"
            );
            assert_eq!(changed(|f| f.report.as_mut().unwrap().warnings = 1).2, "review");
            assert_eq!(changed(|f| f.report.as_mut().unwrap().checked = false).2, "review");
            assert_eq!(changed(|f| drop(f.report.take())).2, "review");
            assert_eq!(changed(|f| f.report.as_mut().unwrap().tables = 0).2, "review", "prose");
            assert_eq!(changed(|f| f.report.as_mut().unwrap().kind = "code".into()).2, "review");
            let mut beside = scored();
            let second = beside.files_mut().nth(1).expect("two files");
            second.kind = FileKind::Supporting;
            second.report.as_mut().unwrap().checked = false;
            assert_eq!(way(&beside, by()).2, "review", "contributions that nobody could read");
            for because in [Because::Withdrawn, Because::Beside] {
                let by = Weighing { beside: Some(because), ..by() };
                assert_eq!(way(&scored(), by), ("queued", "manual", because.name()));
            }
            let mut one = scored();
            one.files_mut().take(1).for_each(|file| drop(report(file)));
            assert_eq!(way(&one, by()).2, "review", "one file of two");
            let again = Export { turn: 2, ..scored() };
            assert_eq!(way(&again, by()), ("queued", "manual", "returned"));
        }
    }

    #[test]
    fn an_automatic_approval_releases_every_file_and_a_recalled_one_waits_for_a_vote() {
        let by = weighing(Mode::Automatic, None, 900_000);
        let approved = scored().route(by, at(1)).expect("scored");
        assert!(approved.outcomes().iter().all(|(_, outcome)| *outcome == Outcome::Approved));
        let ExportState::Releasing { files, .. } = approved.start_release().expect("it").state
        else {
            panic!("not releasing")
        };
        assert_eq!(files.len(), 2);
        let queued = approved.queued_again(Because::Recalled, at(2));
        assert!(!queued.is_automatic() && queued.outcomes()[0].1 == Outcome::Incomplete);
        let routed = queued.routed.expect("routed");
        assert_eq!(routed.probability_ppm, 50_000, "what it was drawn with stays");
    }

    #[test]
    fn only_what_could_pass_is_in_the_population_of_the_sample() {
        let routed = |by| scored().route(by, at(1)).expect("scored").routed.expect("routed");
        let manual = routed(weighing(Mode::Manual, None, 1));
        assert!(!manual.could_pass() && manual.probability_ppm == WHOLE_PPM);
        let drawn = routed(weighing(Mode::Automatic, None, 1));
        assert!(drawn.could_pass() && drawn.probability_ppm == 50_000);
    }
}
