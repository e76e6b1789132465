//! The options of each rule, with the peer's names and defaults.

use serde::{Deserialize, Serialize};

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty = $default:expr,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    )*};
}

options! {
    /// Drops texts that repeat lines, paragraphs or runs of words (Gopher, table A1). 0 turns a limit off.
    GopherRepetition {
        /// The largest share of lines that were there before.
        dup_line_frac: f64 = 0.3,
        /// The largest share of paragraphs that were there before.
        dup_para_frac: f64 = 0.3,
        /// The largest share of characters in lines that were there before.
        dup_line_char_frac: f64 = 0.2,
        /// The largest share of characters in paragraphs that were there before.
        dup_para_char_frac: f64 = 0.2,
        /// For each n, the largest share of characters in the most frequent run of n words.
        top_n_grams: Vec<(usize, f64)> = vec![(2, 0.2), (3, 0.18), (4, 0.16)],
        /// For each n, the largest share of characters in runs of n words that were there before.
        dup_n_grams: Vec<(usize, f64)> = vec![(5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10)],
    }

    /// Drops texts whose words or lines are not those of prose (Gopher; MassiveText). 0 turns a limit off.
    GopherQuality {
        /// The fewest words, not counting punctuation.
        min_doc_words: u64 = 50,
        /// The most words, not counting punctuation.
        max_doc_words: u64 = 100_000,
        /// The least mean length of words, in characters.
        min_avg_word_length: f64 = 3.0,
        /// The largest mean length of words, in characters.
        max_avg_word_length: f64 = 10.0,
        /// The most `#`, and the most ellipses, for each word.
        max_symbol_word_ratio: f64 = 0.1,
        /// The largest share of lines that begin with a bullet.
        max_bullet_lines_ratio: f64 = 0.9,
        /// The largest share of lines that end with an ellipsis.
        max_ellipsis_lines_ratio: f64 = 0.3,
        /// The least share of words with a letter. The peer's name says the opposite.
        max_non_alpha_words_ratio: f64 = 0.8,
        /// How many different stop words a text must hold.
        min_stop_words: usize = 2,
        /// The stop words; the peer's eight where none are given.
        stop_words: Option<Vec<String>> = None,
    }

    /// Drops lines, and texts, that are not prose (C4). -1 turns a limit on numbers off.
    C4Quality {
        /// Judge lines; otherwise sentences.
        split_paragraph: bool = true,
        /// Remove marks such as `[1]`, `[edit]` and `[citation needed]`.
        remove_citations: bool = true,
        /// Drop lines that don't end like a sentence.
        filter_no_terminal_punct: bool = true,
        /// The fewest sentences that must be left.
        min_num_sentences: i64 = 5,
        /// The fewest words of a line.
        min_words_per_line: i64 = 3,
        /// The most characters of a word; a line with a longer one goes.
        max_word_length: i64 = 1000,
        /// Drop texts with "lorem ipsum".
        filter_lorem_ipsum: bool = true,
        /// Drop lines with "javascript".
        filter_javascript: bool = true,
        /// Drop texts with `{`.
        filter_curly_bracket: bool = true,
        /// Drop lines about cookies and terms of use.
        filter_policy: bool = true,
    }

    /// Drops texts that are lists or repeat lines (FineWeb).
    FinewebQuality {
        /// The least share of lines that end well.
        line_punct_thr: f64 = 0.12,
        /// Whether a text where no line ends well is spared.
        line_punct_exclude_zero: bool = false,
        /// What ends a line well; the peer's full stops of all scripts where none are given.
        stop_chars: Option<Vec<String>> = None,
        /// The largest share of short lines.
        short_line_thr: f64 = 0.67,
        /// The length that a short line has at most, in characters.
        short_line_length: u64 = 30,
        /// The largest share of characters in lines that were there before.
        char_duplicates_ratio: f64 = 0.01,
        /// The most line breaks for each word.
        new_line_ratio: f64 = 0.3,
    }

    /// Drops texts without three paragraphs of 200 characters (mC4).
    C4Paragraph {}

    /// Drops texts with a word of a list (C4). No list comes with it.
    C4Badwords {
        /// The words, in lower case.
        words: Vec<String> = Vec::new(),
        /// Whether a word must stand alone; the peer's lists for Japanese, Thai and Chinese need not.
        whole_words: bool = true,
    }

    /// Removes lines that are punctuation only.
    SymbolLines {
        /// What stands in the place of such lines in a row; nothing where it is empty.
        replace_char: String = String::new(),
    }
}
