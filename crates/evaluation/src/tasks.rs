//! What is asked: both tasks are drawn from held-out documents by a seed, the same on every machine.

use crate::{
    documents::{boundary_at_or_before, clip},
    rules::Random,
    types::{Document, Limits},
};
use kernel::{Error, Result};

/// Name of the task that measures bits per byte.
pub const BITS_PER_BYTE: &str = "heldout_bits_per_byte";
/// Name of the multiple-choice task.
pub const CHOICE: &str = "continuation_choice";
/// Choices of a question.
pub const CHOICES: usize = 4;
/// Shortest text that is worth scoring, in bytes.
const LEAST_BYTES: usize = 64;
/// Draws tried for a wrong choice before a question is given up.
const TRIES: usize = 20;

/// A held-out text to be scored whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The document that it opens.
    pub document: String,
    /// The text, at most `limits.document_bytes` long.
    pub text: String,
}

/// A passage and four ways to go on, of which one is how its document went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The document that the passage is from.
    pub document: String,
    /// What stands before the choices.
    pub passage: String,
    /// The choices, of about the same length.
    pub choices: Vec<String>,
    /// Index of the true one.
    pub answer: usize,
}

/// Documents for bits per byte: openings of documents drawn by the seed.
pub fn passages(documents: &[Document], seed: u64, limits: &Limits) -> Result<Vec<Passage>> {
    let drawn = draw(documents, seed, LEAST_BYTES)?;
    let passage = |document: &&Document| Passage {
        document: document.id.clone(),
        text: clip(&document.text, limits.document_bytes).to_owned(),
    };
    Ok(drawn.iter().take(limits.documents).map(passage).collect())
}

/// Questions of the multiple-choice task, at most one for each document.
pub fn questions(documents: &[Document], seed: u64, limits: &Limits) -> Result<Vec<Question>> {
    // Room for the passage, the choice and the search for a word's start at both of its ends.
    let drawn = draw(documents, seed, limits.passage_bytes + 2 * limits.choice_bytes)?;
    let mut random = Random::new(seed ^ 0x5EED_0FC4_01CE);
    let asked = (0..drawn.len()).filter_map(|index| question(&drawn, index, &mut random, limits));
    let asked: Vec<Question> = asked.take(limits.questions).collect();
    if asked.is_empty() { Err(too_few(0, limits.passage_bytes)) } else { Ok(asked) }
}

/// All documents of at least `bytes`, in an order drawn by the seed; at least [`CHOICES`] of them.
fn draw(documents: &[Document], seed: u64, bytes: usize) -> Result<Vec<&Document>> {
    let mut long: Vec<&Document> = documents.iter().filter(|document| document.text.len() >= bytes).collect();
    if long.len() < CHOICES {
        return Err(too_few(long.len(), bytes));
    }
    Random::new(seed).shuffle(&mut long);
    Ok(long)
}

fn too_few(found: usize, bytes: usize) -> Error {
    let text = format!(
        "the held-out split has {found} usable documents of {bytes} bytes or more and at least {CHOICES} are needed; \
         build a larger corpus or lower limits.passage_bytes and limits.choice_bytes"
    );
    Error::invalid("evaluation_documents_too_few", text)
}

fn question(drawn: &[&Document], index: usize, random: &mut Random, limits: &Limits) -> Option<Question> {
    let text = drawn[index].text.as_str();
    let room = text.len() - limits.passage_bytes - limits.choice_bytes;
    let start = boundary_at_or_before(text, random.below(room + 1));
    let middle = word_start(text, start + limits.passage_bytes, limits.choice_bytes);
    let mut choices = vec![cut(text, middle, limits.choice_bytes)?];
    for _ in 0..TRIES {
        if choices.len() == CHOICES {
            break;
        }
        let other = random.below(drawn.len());
        let wrong = fragment(&drawn[other].text, random, limits.choice_bytes);
        choices.extend(wrong.filter(|wrong| other != index && !choices.contains(wrong)));
    }
    if choices.len() < CHOICES {
        return None;
    }
    let answer = random.below(CHOICES);
    choices.swap(0, answer);
    let passage = text[start..middle].to_owned();
    Some(Question { document: drawn[index].id.clone(), passage, choices, answer })
}

/// A piece of `text` from a random place, cut like a true continuation.
fn fragment(text: &str, random: &mut Random, bytes: usize) -> Option<String> {
    let place = random.below(text.len().saturating_sub(bytes) + 1);
    cut(text, word_start(text, place, bytes), bytes)
}

/// `bytes` of `text` from `place` on; `None` when too little, or nothing but white space, is left.
fn cut(text: &str, place: usize, bytes: usize) -> Option<String> {
    let piece = clip(&text[place..], bytes);
    (piece.trim().len() * 2 > bytes).then(|| piece.to_owned())
}

/// The first white space within `reach` bytes from `place` on, so that a choice opens a word; in scripts that
/// write without spaces, simply the next character.
fn word_start(text: &str, place: usize, reach: usize) -> usize {
    let place = boundary_at_or_before(text, place);
    let near = clip(&text[place..], reach);
    place + near.find(char::is_whitespace).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn documents(count: usize, words: &str) -> Vec<Document> {
        let text = |index: usize| (0..200).map(|word| format!("{words}{index}x{word} ")).collect::<String>();
        (0..count).map(|index| Document { id: index.to_string(), text: text(index) }).collect()
    }

    #[test]
    fn a_seed_draws_the_same_tasks_and_another_seed_others() {
        let (documents, limits) = (documents(30, "word"), Limits::default());
        assert_eq!(questions(&documents, 5, &limits).unwrap(), questions(&documents, 5, &limits).unwrap());
        assert_ne!(questions(&documents, 5, &limits).unwrap(), questions(&documents, 6, &limits).unwrap());
        assert_ne!(passages(&documents, 5, &limits).unwrap(), passages(&documents, 6, &limits).unwrap());
    }

    #[test]
    fn too_few_documents_are_refused() {
        let error = questions(&documents(3, "word"), 1, &Limits::default()).unwrap_err();
        assert_eq!(error.code, "evaluation_documents_too_few");
        assert!(passages(&[], 1, &Limits::default()).is_err());
    }

    proptest! {
        #[test]
        fn the_answer_goes_on_where_the_passage_ends(seed: u64, words in "[a-z模速空间]{1,6}") {
            let (documents, limits) = (documents(12, &words), Limits::default());
            for question in questions(&documents, seed, &limits).unwrap() {
                let document = documents.iter().find(|document| document.id == question.document).unwrap();
                prop_assert_eq!(question.choices.len(), CHOICES);
                let whole = format!("{}{}", question.passage, question.choices[question.answer]);
                prop_assert!(document.text.contains(&whole));
                for (index, wrong) in question.choices.iter().enumerate() {
                    prop_assert!(wrong.len() <= limits.choice_bytes);
                    prop_assert_eq!(index == question.answer, document.text.contains(wrong));
                }
            }
        }

        #[test]
        fn passages_keep_to_their_limit(seed: u64, count in 4usize..20) {
            let limits = Limits { documents: 7, document_bytes: 100, ..Limits::default() };
            let got = passages(&documents(count, "字"), seed, &limits).unwrap();
            prop_assert_eq!(got.len(), count.min(7));
            prop_assert!(got.iter().all(|passage| passage.text.len() <= 100 && !passage.text.is_empty()));
        }
    }
}
