//! The peer's reasons that name the length of a run of words.

/// The longest run of words that a rule may ask for.
pub(super) const MOST_WORDS: usize = 16;

macro_rules! named {
    ($name:ident, $before:literal, $after:literal) => {
        pub(super) fn $name(n: usize) -> &'static str {
            named!($before, $after, n; 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
        }
    };
    ($before:literal, $after:literal, $n:ident; $($number:literal)*) => {
        match $n {
            $($number => concat!($before, $number, $after),)*
            _ => concat!($before, "n", $after),
        }
    };
}

named!(top, "top_", "_gram");
named!(duplicated, "duplicated_", "_n_grams");
