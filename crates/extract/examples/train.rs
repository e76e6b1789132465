//! Writes what `training/train.py` learns from: `train buckets|columns PAGES OUT [PAGE=WEIGHTS ...]`.
//!
//! PAGES is a folder of `.html` files, OUT a folder; one file of numbers a page. The last argument is a file with lines
//! `PAGE WEIGHTS`: which file of weights to read each page under.

use extract::training::Sample;
use std::{error::Error, fs, io::Write, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, pages, out, plan] = arguments.as_slice() else {
        return Err("usage: train buckets|columns PAGES OUT PLAN".into());
    };
    for line in fs::read_to_string(plan)?.lines() {
        let (page, weights) = line.split_once(' ').ok_or("a line of the plan is PAGE WEIGHTS")?;
        let html = fs::read(Path::new(pages).join(format!("{page}.html")))?;
        let html = String::from_utf8_lossy(&html);
        let sample = Sample::new(&html, &fs::read(weights)?).ok_or("the weights can't be read")?;
        let file = fs::File::create(Path::new(out).join(page))?;
        let mut file = std::io::BufWriter::new(file);
        match mode.as_str() {
            "buckets" => buckets(&sample, &mut file)?,
            _ => columns(&sample, &mut file)?,
        }
        file.flush()?;
    }
    Ok(())
}

/// Per block: length and bytes of its text, words, buckets of both tables.
fn buckets(sample: &Sample, file: &mut impl Write) -> std::io::Result<()> {
    for (block, (text, words)) in sample.texts().zip(sample.words()).enumerate() {
        file.write_all(&(text.len() as u32).to_le_bytes())?;
        file.write_all(text.as_bytes())?;
        file.write_all(&words.to_le_bytes())?;
        for table in sample.buckets(block) {
            file.write_all(&(table.len() as u32).to_le_bytes())?;
            for bucket in table {
                file.write_all(&bucket.to_le_bytes())?;
            }
        }
    }
    Ok(())
}

/// Number of columns, columns, scores.
fn columns(sample: &Sample, file: &mut impl Write) -> std::io::Result<()> {
    file.write_all(&(sample.columns().count() as u32).to_le_bytes())?;
    for column in sample.columns().chain([sample.scores()]) {
        for value in column {
            file.write_all(&value.to_le_bytes())?;
        }
    }
    Ok(())
}
