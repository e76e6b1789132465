//! Counting a corpus.

use std::collections::HashMap;

use kernel::{Error, Result};

use super::{BEGIN, END, Level, Map, Model, Options, UNKNOWN, hash, units};
use crate::segment::Segmenter;

fn invalid(text: impl Into<String>) -> Error {
    Error::invalid("ngram_options_invalid", text.into())
}

pub(super) fn check(options: &Options) -> Result<()> {
    if !(1..=5).contains(&options.order) {
        return Err(invalid(format!("The order is {}; give 1 to 5.", options.order)));
    }
    if options.max_runs == 0 {
        return Err(invalid("max_runs is 0; give how many runs may be kept, such as 50000000."));
    }
    Ok(())
}

pub(super) fn train<'t>(texts: impl IntoIterator<Item = &'t str>, options: &Options) -> Result<Model> {
    check(options)?;
    let (lines, vocabulary) = read(texts, options)?;
    let mut levels = vec![Level::default(); options.order];
    let mut run = Vec::new();
    for line in lines.split(|&unit| unit == END).filter(|line| !line.is_empty()) {
        run.clear();
        run.resize(options.order - 1, BEGIN);
        run.extend(line);
        run.push(END);
        for at in options.order - 1..run.len() {
            count(&mut levels, &run[at + 1 - options.order..=at]);
        }
        if levels.iter().map(|level| level.runs.len()).sum::<usize>() > options.max_runs {
            let text = format!(
                "The corpus has over {} different runs. Give fewer texts, a lower order, a higher min_count, or raise max_runs.",
                options.max_runs
            );
            return Err(Error::limited("ngram_too_large", text));
        }
    }
    levels.iter_mut().for_each(finish);
    Ok(Model { options: options.clone(), vocabulary, levels })
}

/// All lines as units, each closed by [`END`], and the vocabulary of the units that are frequent enough.
fn read<'t>(
    texts: impl IntoIterator<Item = &'t str>,
    options: &Options,
) -> Result<(Vec<u32>, HashMap<String, u32>)> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let (mut counts, mut lines, mut segmenter) = (vec![0u32; 3], Vec::new(), Segmenter::new());
    for line in texts.into_iter().flat_map(str::lines) {
        let start = lines.len();
        units(line, options.unit, &mut segmenter, |unit| {
            let id = match seen.get(unit) {
                Some(&id) => id,
                None => {
                    let id = counts.len() as u32;
                    seen.insert(unit.to_owned(), id);
                    counts.push(0);
                    id
                }
            };
            counts[id as usize] = counts[id as usize].saturating_add(1);
            lines.push(id);
        });
        if lines.len() > start {
            lines.push(END);
        }
    }
    if lines.is_empty() {
        return Err(Error::invalid(
            "ngram_no_text",
            "No text has anything to count; give texts with characters in them.",
        ));
    }
    // Numbers in the order in which units were first seen, so that the same corpus gives the same model.
    let (mut next, mut numbers) = (3u32, vec![UNKNOWN, BEGIN, END]);
    for &count in &counts[3..] {
        let frequent = count >= options.min_count;
        numbers.push(if frequent { next } else { UNKNOWN });
        next += u32::from(frequent);
    }
    lines.iter_mut().for_each(|unit| *unit = numbers[*unit as usize]);
    seen.retain(|_, id| {
        *id = numbers[*id as usize];
        *id != UNKNOWN
    });
    Ok((lines, seen))
}

/// Counts a run of the highest order; a run that is new counts once for the shorter one that it ends with.
fn count(levels: &mut [Level], run: &[u32]) {
    for start in 0..run.len() {
        let level = &mut levels[run.len() - start - 1];
        let count = level.runs.entry(hash(&run[start..])).or_insert(0);
        let new = *count == 0;
        *count = count.saturating_add(1);
        let context = level.contexts.entry(hash(&run[start..run.len() - 1])).or_default();
        context.sum += 1;
        // One follower leaves a kind and enters the next.
        if *count <= 3 {
            context.kinds[(*count - 1) as usize] += 1;
            if *count > 1 {
                context.kinds[(*count - 2) as usize] -= 1;
            }
        }
        if !new {
            break;
        }
    }
}

/// The discounts from how many runs have the counts one to four.
fn finish(level: &mut Level) {
    let mut of = [0f64; 5];
    level.runs.values().filter(|&&count| count <= 4).for_each(|&count| of[count as usize] += 1.0);
    let y = if of[1] + of[2] > 0.0 { of[1] / (of[1] + 2.0 * of[2]) } else { 0.5 };
    for (place, discount) in level.discounts.iter_mut().enumerate() {
        let count = place + 1;
        let ideal = count as f64 - (count + 1) as f64 * y * of[count + 1] / of[count].max(1.0);
        // Small corpora give discounts out of range; a half never is.
        let good = of[count] > 0.0 && ideal > 0.0 && ideal < count as f64;
        *discount = if good { ideal } else { 0.5 };
    }
}

/// A table in the order of its keys.
pub(super) fn sorted<V: Copy>(map: &Map<V>) -> Vec<(u64, V)> {
    let mut rows: Vec<_> = map.iter().map(|(&key, &value)| (key, value)).collect();
    rows.sort_unstable_by_key(|row| row.0);
    rows
}
