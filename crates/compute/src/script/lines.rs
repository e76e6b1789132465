//! Where directives stand: lines that begin with `#SBATCH`, before the first command.

use super::{Given, Remark, options};
use kernel::Result;

/// What the directives of a script say.
pub(super) struct Found {
    pub options: Vec<Given>,
    pub remarks: Vec<Remark>,
}

/// Reads the directives of a script.
pub(super) fn directives(text: &str) -> Result<Found> {
    let mut found = Found { options: Vec::new(), remarks: Vec::new() };
    let (mut any, mut others) = (false, None);
    let head = text.lines().take_while(|line| is_comment(line));
    for (number, line) in head.enumerate().map(|(index, line)| (index + 1, line)) {
        if let Some(rest) = line.strip_prefix("#SBATCH").filter(|rest| rest.is_empty() || begins_word(rest)) {
            any = true;
            options::read(&words(rest), number, &mut found)?;
        } else if let Some(other) = ["#PBS", "#BSUB"].into_iter().find(|mark| line.starts_with(mark)) {
            others = others.or(Some((number, other)));
        }
    }
    if let Some((line, mark)) = others.filter(|_| !any) {
        let text = "directives of this other scheduler aren't read; write #SBATCH lines or give options";
        found.remarks.push(Remark { line: Some(line), asked: mark.to_owned(), text: text.to_owned() });
    }
    Ok(found)
}

fn begins_word(rest: &str) -> bool {
    rest.starts_with(char::is_whitespace)
}

/// Whether directives may still follow after this line.
fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// The words of a directive: quotes hold a word together, a backslash takes the next character as it is, and a
/// word that begins with `#` begins a comment.
pub(super) fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(end), c) if c == end => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(characters.next()),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, '#') if word.is_none() => break,
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
