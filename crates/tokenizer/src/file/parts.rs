//! Normalizers, pre-tokenizers and decoders of a `tokenizer.json`.

use kernel::Result;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    charsmap::Charsmap,
    decode::Decoder,
    error::{invalid, unsupported},
    normalize::Normalizer,
    pretokenize::{Prepend, Step},
    scan::Scanner,
    split::{Behavior, Pattern, Split},
};

fn kind(component: &Value) -> &str {
    component["type"].as_str().unwrap_or("without a type")
}

fn flag(component: &Value, name: &str, default: bool) -> bool {
    component[name].as_bool().unwrap_or(default)
}

fn text(component: &Value, name: &str) -> Result<String> {
    let text = component[name].as_str().map(str::to_owned);
    text.ok_or_else(|| invalid(format!("{} has no text {name:?}.", kind(component))))
}

fn character(component: &Value, name: &str) -> Result<char> {
    let text = text(component, name)?;
    let mut chars = text.chars();
    let one = chars.next().filter(|_| chars.next().is_none());
    one.ok_or_else(|| invalid(format!("{}: {name:?} is not one character.", kind(component))))
}

fn pattern(component: &Value) -> Result<Pattern> {
    let pattern = &component["pattern"];
    match (pattern["Regex"].as_str(), pattern["String"].as_str()) {
        (Some(regex), _) => Pattern::regex(regex),
        (None, Some(literal)) => Ok(Pattern::Literal(literal.to_owned())),
        (None, None) => Err(invalid(format!("{} has no pattern.", kind(component)))),
    }
}

fn behavior(component: &Value, default: Behavior) -> Result<Behavior> {
    if component["behavior"].is_null() {
        return Ok(default);
    }
    Behavior::deserialize(&component["behavior"])
        .map_err(|error| invalid(format!("{}: {error}.", kind(component))))
}

/// Reads a normalizer.
pub(super) fn normalizer(component: &Value) -> Result<Normalizer> {
    Ok(match kind(component) {
        "NFC" => Normalizer::Nfc,
        "NFD" => Normalizer::Nfd,
        "NFKC" => Normalizer::Nfkc,
        "NFKD" => Normalizer::Nfkd,
        "Lowercase" => Normalizer::Lowercase,
        "StripAccents" => Normalizer::StripAccents,
        "Strip" => Normalizer::Strip {
            left: flag(component, "strip_left", true),
            right: flag(component, "strip_right", true),
        },
        "Prepend" => Normalizer::Prepend(text(component, "prepend")?),
        "Replace" => {
            Normalizer::Replace { pattern: pattern(component)?, content: text(component, "content")? }
        }
        "Precompiled" => {
            Normalizer::Precompiled(Box::new(Charsmap::read(&text(component, "precompiled_charsmap")?)?))
        }
        other => {
            let known = "NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Prepend, Replace, Precompiled and \
                         Sequence do.";
            return Err(unsupported(&format!("The normalizer {other}"), known));
        }
    })
}

/// Reads the pre-tokenizers; also says whether characters stand for bytes behind them.
pub(super) fn steps(components: &[&Value]) -> Result<(Vec<Step>, bool)> {
    let (mut steps, mut is_byte_level) = (Vec::new(), false);
    for component in components {
        if is_byte_level {
            let mend = "it stands behind ByteLevel, where characters stand for bytes. Put it before.";
            return Err(unsupported(&format!("The pre-tokenizer {}", kind(component)), mend));
        }
        if kind(component) == "ByteLevel" {
            is_byte_level = true;
            if flag(component, "add_prefix_space", true) {
                steps.push(Step::PrefixSpace);
            }
            if flag(component, "use_regex", true) {
                steps.push(split(Pattern::Known(Scanner::Gpt2), Behavior::Isolated, false));
            }
        } else {
            steps.push(step(component)?);
        }
    }
    Ok((steps, is_byte_level))
}

fn split(pattern: Pattern, behavior: Behavior, invert: bool) -> Step {
    Step::Split(Split { pattern, behavior, invert })
}

fn step(component: &Value) -> Result<Step> {
    Ok(match kind(component) {
        "Split" => split(
            pattern(component)?,
            behavior(component, Behavior::Isolated)?,
            flag(component, "invert", false),
        ),
        "Digits" if flag(component, "individual_digits", false) => {
            split(Pattern::Character(char::is_numeric), Behavior::Isolated, false)
        }
        "Digits" => split(Pattern::Character(char::is_numeric), Behavior::Contiguous, false),
        "Whitespace" => split(Pattern::regex(r"\w+|[^\w\s]+")?, Behavior::Removed, true),
        "WhitespaceSplit" => split(Pattern::Character(char::is_whitespace), Behavior::Removed, false),
        "Punctuation" => {
            let is_punctuation = |c: char| {
                c.is_ascii_punctuation()
                    || crate::classes::classes().of(c as u32) == crate::classes::PUNCTUATION
            };
            split(Pattern::Character(is_punctuation), behavior(component, Behavior::Isolated)?, false)
        }
        "CharDelimiterSplit" => {
            split(Pattern::Literal(character(component, "delimiter")?.into()), Behavior::Removed, false)
        }
        "Metaspace" => Step::Metaspace {
            replacement: character(component, "replacement")?,
            prepend: prepend(component)?,
            split: flag(component, "split", true),
        },
        other => {
            let known = "ByteLevel, Split, Digits, Whitespace, WhitespaceSplit, Punctuation, CharDelimiterSplit, \
                         Metaspace and Sequence do.";
            return Err(unsupported(&format!("The pre-tokenizer {other}"), known));
        }
    })
}

fn prepend(component: &Value) -> Result<Prepend> {
    if component["add_prefix_space"] == false {
        return Ok(Prepend::Never);
    }
    if component["prepend_scheme"].is_null() {
        return Ok(Prepend::Always);
    }
    Prepend::deserialize(&component["prepend_scheme"])
        .map_err(|error| invalid(format!("Metaspace: {error}.")))
}

/// Reads a decoder.
pub(super) fn decoder(component: &Value) -> Result<Decoder> {
    let count = |name: &str| component[name].as_u64().unwrap_or(0).min(64) as usize;
    Ok(match kind(component) {
        "ByteLevel" => Decoder::ByteLevel,
        "ByteFallback" => Decoder::ByteFallback,
        "Fuse" => Decoder::Fuse,
        "Metaspace" => Decoder::Metaspace {
            replacement: character(component, "replacement")?,
            prepends: prepend(component)? != Prepend::Never,
        },
        "Replace" => Decoder::Replace { pattern: pattern(component)?, content: text(component, "content")? },
        "Strip" => Decoder::Strip {
            content: character(component, "content")?,
            start: count("start"),
            stop: count("stop"),
        },
        other => {
            let known = "ByteLevel, ByteFallback, Fuse, Metaspace, Replace, Strip and Sequence do.";
            return Err(unsupported(&format!("The decoder {other}"), known));
        }
    })
}
