//! Which options are refused: those that no text could be judged by.

use super::{Rule, reasons::MOST_WORDS};
use kernel::{Error, Result};

/// A limit, with the number of words that it is for, if any.
struct Limit {
    name: &'static str,
    words: Option<usize>,
    value: f64,
}

/// Refuses a limit that is no number, and runs of words that are empty or too long.
pub(super) fn check(rule: &Rule) -> Result<()> {
    let invalid = |name: &str, what: String| {
        let text = format!("`{name}` {what}; give another, or leave it out for the default");
        Err(Error::invalid("filter_option_invalid", text))
    };
    for Limit { name, words, value } in limits(rule) {
        if !value.is_finite() {
            return invalid(name, format!("can't be {value}"));
        }
        if let Some(words) = words.filter(|words| !(1..=MOST_WORDS).contains(words)) {
            return invalid(
                name,
                format!("has a limit for runs of {words} words, which may have 1 to {MOST_WORDS}"),
            );
        }
    }
    Ok(())
}

fn limits(rule: &Rule) -> Vec<Limit> {
    let plain = |name, value| Limit { name, words: None, value };
    let runs = |name, list: &[(usize, f64)]| {
        let limits = list.iter().map(|&(words, value)| Limit { name, words: Some(words), value });
        limits.collect::<Vec<_>>()
    };
    match rule {
        Rule::GopherRepetition(options) => {
            let mut limits = vec![
                plain("dup_line_frac", options.dup_line_frac),
                plain("dup_para_frac", options.dup_para_frac),
                plain("dup_line_char_frac", options.dup_line_char_frac),
                plain("dup_para_char_frac", options.dup_para_char_frac),
            ];
            limits.extend(runs("top_n_grams", &options.top_n_grams));
            limits.extend(runs("dup_n_grams", &options.dup_n_grams));
            limits
        }
        Rule::GopherQuality(options) => vec![
            plain("min_avg_word_length", options.min_avg_word_length),
            plain("max_avg_word_length", options.max_avg_word_length),
            plain("max_symbol_word_ratio", options.max_symbol_word_ratio),
            plain("max_bullet_lines_ratio", options.max_bullet_lines_ratio),
            plain("max_ellipsis_lines_ratio", options.max_ellipsis_lines_ratio),
            plain("max_non_alpha_words_ratio", options.max_non_alpha_words_ratio),
        ],
        Rule::FinewebQuality(options) => vec![
            plain("line_punct_thr", options.line_punct_thr),
            plain("short_line_thr", options.short_line_thr),
            plain("char_duplicates_ratio", options.char_duplicates_ratio),
            plain("new_line_ratio", options.new_line_ratio),
        ],
        Rule::C4Quality(_) | Rule::C4Badwords(_) | Rule::C4Paragraph(_) | Rule::SymbolLines(_) => Vec::new(),
    }
}
