//! The questions that a producer asks in each application (JOURNEYS 2.2, P9).

use serde::{Deserialize, Serialize};

use crate::{Refusal, Text};

/// The most questions that a producer asks at once.
pub const QUESTIONS_MAX: usize = 20;
/// The most characters of a question, in each language.
pub const QUESTION_CHARS_MAX: usize = 300;

/// A question of a producer. It keeps its place in the producer's list and its words for good:
/// answers are kept under the place, and a reworded question is another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProducerQuestion {
    /// The question.
    #[serde(flatten)]
    pub text: Text,
    /// Whether it is asked no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
}

/// The questions as they are kept: without outer blanks, empty ones and repetitions.
///
/// # Errors
/// [`Refusal::Invalid`] naming `questions`, where one is missing in a language or too long, or where
/// there are too many.
pub(super) fn clean(given: Vec<Text>) -> Result<Vec<Text>, Refusal> {
    let mut kept: Vec<Text> = Vec::new();
    for text in given {
        let text = Text::new(text.fr.trim(), text.en.trim());
        if !text.is_empty() && !kept.contains(&text) {
            kept.push(text);
        }
    }
    let fits = |text: &str| (1..=QUESTION_CHARS_MAX).contains(&text.chars().count());
    match kept.len() <= QUESTIONS_MAX && kept.iter().all(|one| fits(&one.fr) && fits(&one.en)) {
        true => Ok(kept),
        false => Err(Refusal::invalid("questions", "producer-questions")),
    }
}

/// What a producer asks once it wants to ask exactly `wanted`: a question that is not among them
/// ends in its place, one that had ended is asked again there, and a new one comes last.
pub(super) fn ask(before: &[ProducerQuestion], wanted: Vec<Text>) -> Vec<ProducerQuestion> {
    let follow = |one: &ProducerQuestion| ProducerQuestion {
        ended: !wanted.contains(&one.text),
        text: one.text.clone(),
    };
    let mut after: Vec<ProducerQuestion> = before.iter().map(follow).collect();
    for text in wanted {
        if after.iter().all(|one| one.text != text) {
            after.push(ProducerQuestion { text, ended: false });
        }
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(word: &str) -> Text {
        Text::new(format!("{word} ?"), format!("{word}?"))
    }

    fn texts(words: &[&str]) -> Vec<Text> {
        words.iter().map(|word| text(word)).collect()
    }

    fn live(all: &[ProducerQuestion]) -> Vec<(usize, &str)> {
        let asked = all.iter().enumerate().filter(|(_, one)| !one.ended);
        asked.map(|(place, one)| (place, one.text.en.as_str())).collect()
    }

    #[test]
    fn a_question_keeps_its_place_while_others_come_end_and_come_back() {
        let first = ask(&[], texts(&["Where", "Who", "Why"]));
        assert_eq!(live(&first), [(0, "Where?"), (1, "Who?"), (2, "Why?")]);
        let fewer = ask(&first, texts(&["Why", "Where"]));
        assert_eq!(live(&fewer), [(0, "Where?"), (2, "Why?")]);
        let reworded = ask(&fewer, texts(&["Where exactly", "Why"]));
        assert_eq!(live(&reworded), [(2, "Why?"), (3, "Where exactly?")]);
        let back = ask(&reworded, texts(&["Who"]));
        assert_eq!(live(&back), [(1, "Who?")], "its answers are its answers again");
        assert_eq!(live(&ask(&back, Vec::new())), []);
    }

    #[test]
    fn blanks_and_repetitions_go_and_what_is_not_acceptable_is_refused() {
        let given = vec![Text::new(" Où ? ", " Where? "), Text::new(" ", ""), text("Who")];
        let kept = clean([given.clone(), given].concat()).unwrap();
        assert_eq!(kept, [Text::new("Où ?", "Where?"), text("Who")]);
        let refused = Err(Refusal::invalid("questions", "producer-questions"));
        assert_eq!(clean(vec![Text::new("Où ?", "")]), refused, "one language alone");
        assert_eq!(clean(vec![Text::new("", "Where?")]), refused);
        let of = |count: usize| "é".repeat(count);
        assert!(clean(vec![Text::new(of(300), of(300))]).is_ok());
        assert_eq!(clean(vec![Text::new(of(301), of(300))]), refused);
        let many = |count: usize| (0..count).map(|n| text(&n.to_string())).collect();
        assert!(clean(many(20)).is_ok());
        assert_eq!(clean(many(21)), refused);
    }

    #[test]
    fn questions_of_an_older_centre_are_asked() {
        let old: Vec<ProducerQuestion> =
            serde_json::from_str(r#"[{"fr":"Où ?","en":"Where?"}]"#).unwrap();
        assert_eq!(live(&old), [(0, "Where?")]);
        let written = serde_json::to_string(&old).unwrap();
        assert_eq!(written, r#"[{"fr":"Où ?","en":"Where?"}]"#, "an older centre reads it too");
    }
}
