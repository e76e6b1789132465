//! `mosu demo`: the main job end to end on this machine, as its users would do it: over HTTP, with their tokens.
//!
//! Map: [`steps`] the eight steps · [`bars`] what the terminal shows meanwhile · [`summary`] what it shows after.

mod bars;
mod steps;
mod summary;

pub use summary::trace_text;

use crate::{
    cli::Demo,
    client::{Client, UserError, read_key},
    config::Config,
    platforms::OPERATOR,
    server,
};
use anyhow::{Context, Result, anyhow};
use bars::Bars;
use std::path::Path;
use steps::Tour;

/// The file that says that a data folder is a demo's, which a second run may clear.
const MARK: &str = "demo.json";

/// Runs the demo; leaves the server open at its end unless told otherwise.
pub fn run(config: &Config, args: &Demo) -> Result<()> {
    let data = &config.server.data;
    start_clean(data)?;
    server::start_log("warn")?;
    let runtime = server::runtime()?;
    let bars = Bars::new();
    let running = bars.step("1 Up", "the server starts", |_| runtime.block_on(server::start(config)))?;
    let key = read_key(data, OPERATOR).context("the operator's token was just written")?;
    let operator = Client::new(&running.url(), Some(&key));
    let told = Tour::new(operator, data, args, &bars).run().and_then(|tour| {
        let text = serde_json::to_vec_pretty(&tour.marks())?;
        std::fs::write(data.join(MARK), text)?;
        summary::print(&tour, &running.url())
    });
    if told.is_ok() && !args.exit {
        eprintln!("\nThe console is open at {} — Ctrl-C stops the server.", running.url());
        eprintln!("Sign in with the token in {}", data.join("tokens").join(OPERATOR).display());
        runtime.block_on(server::stop_signal())?;
    }
    let _ = running.stop.send(());
    runtime.block_on(running.done)??;
    told
}

/// Clears what an earlier demo left; refuses a folder that holds anything else.
fn start_clean(data: &Path) -> Result<()> {
    if data.join(MARK).exists() {
        std::fs::remove_dir_all(data).with_context(|| format!("{} can't be cleared", data.display()))?;
    }
    let used = std::fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_some());
    if used {
        let text = format!(
            "{} is not empty and not an earlier demo's; name another folder with --data or MOSU_DATA",
            data.display()
        );
        return Err(anyhow!(UserError(text)));
    }
    std::fs::create_dir_all(data).with_context(|| format!("{} can't be made", data.display()))?;
    // Marked from the start, so that a demo that was interrupted can be run again.
    std::fs::write(data.join(MARK), "{}").context("the data folder can't be written")
}
