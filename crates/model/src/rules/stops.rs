//! Ends text at stop sequences while it still arrives in pieces.

/// Watches text for stop sequences; holds back what may be the beginning of one.
#[derive(Debug, Clone)]
pub struct Stops {
    sequences: Vec<String>,
    held: String,
}

impl Stops {
    /// Watches for any of `sequences`.
    pub fn new(sequences: Vec<String>) -> Self {
        Self { sequences, held: String::new() }
    }

    /// Takes the next piece; gives what is safe to show, and whether a stop sequence ended the text.
    pub fn push(&mut self, piece: &str) -> (String, bool) {
        self.held.push_str(piece);
        let found = self.sequences.iter().filter_map(|stop| self.held.find(stop.as_str())).min();
        if let Some(place) = found {
            self.held.truncate(place);
            return (std::mem::take(&mut self.held), true);
        }
        let keep = self.sequences.iter().map(|stop| overlap(&self.held, stop)).max().unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - keep);
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// What was still held back when the text ended by itself.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// Bytes at the end of `text` that may be the beginning of `stop`.
fn overlap(text: &str, stop: &str) -> usize {
    let ends = stop.char_indices().map(|(place, _)| place).rev();
    ends.into_iter().find(|length| text.ends_with(&stop[..*length])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(stops: &[&str], pieces: &[&str]) -> (String, bool) {
        let mut watch = Stops::new(stops.iter().map(|stop| (*stop).to_owned()).collect());
        let mut shown = String::new();
        for piece in pieces {
            let (text, ended) = watch.push(piece);
            shown += &text;
            if ended {
                return (shown, true);
            }
        }
        (shown + &watch.finish(), false)
    }

    #[test]
    fn a_stop_in_pieces_is_found_and_never_shown() {
        assert_eq!(feed(&["\n\n"], &["one\n", "two\n", "\nthree"]), ("one\ntwo".into(), true));
        assert_eq!(feed(&["END", "ENOUGH"], &["the E", "N", "OUGH"]), ("the ".into(), true));
        assert_eq!(feed(&["END"], &["the E", "N"]), ("the EN".into(), false));
        assert_eq!(feed(&["模速"], &["上海模", "型模", "速"]), ("上海模型".into(), true));
        assert_eq!(feed(&[], &["a", "b"]), ("ab".into(), false));
        assert_eq!(feed(&["aab"], &["a", "a", "a", "b"]), ("a".into(), true));
    }

    #[test]
    fn what_cannot_be_a_stop_is_shown_at_once() {
        let mut watch = Stops::new(vec!["###".into()]);
        assert_eq!(watch.push("a#"), ("a".into(), false));
        assert_eq!(watch.push("b"), ("#b".into(), false));
    }
}
