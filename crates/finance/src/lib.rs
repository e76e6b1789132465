//! Floor 3: finance (金融服务): policies as data, vouchers, who bears which part of a bill, revenue sharing.
//!
//! Invariants:
//! - a rule is a file of a pack with its source; a decision pins the file's version and explains itself in
//!   Chinese and English;
//! - public money never exceeds rate × base, a cap, a voucher or its pot, also when charges come at once: every
//!   limit is an account of the ledger, read and reserved in one transaction;
//! - a voucher is a commodity: it is redeemed in the same linked batch as the money that it stands for;
//! - what isn't known asks for evidence, it doesn't reject.
//!
//! Map: [`rules`] pure decisions · [`settle`] who bears what · [`types`] nouns · [`ops`] verbs · `effects` what
//! a case may grant · `origin` the corpus behind a model · `accounts` the ledger's codes · `http` doors.

mod accounts;
mod effects;
mod http;
pub mod ids;
pub mod ops;
mod origin;
pub mod rules;
mod schema;
pub mod settle;
mod sql;
pub mod types;

pub use ops::Trace;
pub use settle::PublicMoney;
pub use types::{DecisionRecord, DistributionRecord, Programme, Share, VoucherPart, VoucherRecord};

use commons::{Commons, billing::Settlement, effects::Effects, http::Routes, pack::Pack};
use kernel::Result;
use rules::Book;
use std::sync::Arc;

/// The finance platform. Clones share everything.
#[derive(Clone)]
pub struct Finance {
    commons: Commons,
    money: PublicMoney,
}

impl Finance {
    /// Reads the pack's policies, brings the tables up to date and keeps every version's text.
    pub async fn open(commons: &Commons, pack: &Pack) -> Result<Self> {
        commons.db.migrate("finance", schema::STEPS).await?;
        let book = Arc::new(Book::read(pack)?);
        let (now, entries) = (commons.now(), book.entries().to_vec());
        commons.db.write(move |tx| Box::pin(async move { ops::load(tx, &entries, now).await })).await?;
        let money = PublicMoney { book, origins: origin::Origins::new(commons.db.clone()) };
        Ok(Self { commons: commons.clone(), money })
    }

    /// How charges are paid by this city's rules; give it to [`Commons::with_settlement`].
    pub fn settlement(&self) -> Arc<dyn Settlement> {
        Arc::new(self.money.clone())
    }

    /// Adds what cases may grant: `grant_voucher` and `open_balance`.
    #[must_use]
    pub fn add_effects(&self, effects: Effects) -> Effects {
        effects.with(effects::GrantVoucher { book: self.money.book.clone() }).with(effects::OpenBalance)
    }

    /// The doors of this platform.
    pub fn routes(&self, commons: &Commons) -> Routes {
        http::routes(self, commons)
    }
}
