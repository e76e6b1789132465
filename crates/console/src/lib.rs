//! Floor 4: the web console: pages and their design system.
//!
//! Invariants:
//! - pages call operations of the platforms, never SQL, and see what the caller may see;
//! - everything works without a script except what changes while it is read; nothing is loaded from elsewhere,
//!   and the content policy of every page says so;
//! - all text from data is escaped; the only markup that passes is drawn by [`charts`] and [`views`];
//! - every text is in both languages, and a test finds a key that isn't.
//!
//! Map: [`charts`] pictures · [`views`] the blocks that pages are made of · [`lang`] the two languages · [`show`]
//! figures and times · [`web`] language, theme and headers · [`pages`] the pages · [`gallery`] all of the design
//! system on one page. `assets/` holds the style sheet and the script, `locales/` the texts.

pub mod assets;
pub mod charts;
pub mod gallery;
pub mod lang;
pub mod pages;
mod routes;
pub mod show;
pub mod views;
pub mod web;

pub use pages::errors;

use commons::Commons;
use compute::Compute;
use corpus::Corpus;
use evaluation::Evaluation;
use finance::Finance;
use hub::Hub;
use model::Models;
use services::Services;

/// The console: what its pages ask. Clones share everything.
#[derive(Clone)]
pub struct Console {
    /// What all platforms share.
    pub commons: Commons,
    /// Repositories.
    pub hub: Hub,
    /// Jobs.
    pub compute: Compute,
    /// The corpus toolchain.
    pub corpus: Corpus,
    /// Leaderboards.
    pub evaluation: Evaluation,
    /// Vouchers and policies.
    pub finance: Finance,
    /// Served models.
    pub models: Models,
    /// Services and cases.
    pub services: Services,
}
