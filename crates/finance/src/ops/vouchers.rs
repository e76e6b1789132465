//! Vouchers: issued against money that is there, listed, and taken back when their time is over.

use crate::{
    Finance, accounts,
    rules::{
        Book, Entry, PolicyKind,
        value::{Cap, Date},
    },
    sql,
    types::{NewVoucher, VoucherRecord},
};
use commons::{
    ids::Org,
    ledger::{self, Leg},
};
use kernel::{Error, Id, Page, PageRequest, Result, Timestamp, money::format_micros};
use store::Tx;

/// Vouchers that one sweep looks at.
const SWEEP: i64 = 500;

/// Issues a voucher, when the pot can keep what the voucher promises. The same key issues once.
pub(crate) async fn issue(
    tx: &mut Tx,
    book: &Book,
    now: Timestamp,
    new: &NewVoucher,
) -> Result<VoucherRecord> {
    if let Some(known) = sql::find_by_key(tx, &new.idempotency).await? {
        return Ok(known);
    }
    if !(1..=3660).contains(&new.days) {
        return Err(Error::invalid("voucher_days", "a voucher holds for 1 to 3660 days"));
    }
    let entry = payable(book, &new.policy, &Date::of(now))?;
    let id = Id::generate();
    let (source, account) =
        (accounts::issued(tx, &new.policy).await?, accounts::voucher(tx, new.org, id, &new.policy).await?);
    let leg = Leg { debit: source, credit: account, amount_micros: new.face_micros, kind: "issue".into() };
    ledger::transfer(tx, now, &format!("issue:{id}"), &[leg], &new.reference).await?;
    check_covered(tx, &new.policy).await?;
    let voucher = VoucherRecord {
        id,
        org: new.org,
        policy: new.policy.clone(),
        version: entry.version.clone(),
        account,
        face_micros: new.face_micros,
        left_micros: new.face_micros,
        purpose: new.purpose.clone(),
        organisation_type: new.organisation_type.clone(),
        related: new.related.clone(),
        reference: new.reference.clone(),
        issued_at: now,
        expires_at: now.plus_seconds(new.days * 86_400),
        closed_at: None,
    };
    sql::insert_voucher(tx, &voucher, &new.idempotency).await?;
    Ok(voucher)
}

/// The voucher policy that holds today and says all that is needed to pay by it.
fn payable<'a>(book: &'a Book, policy: &str, today: &Date) -> Result<&'a Entry> {
    let entry =
        book.on(policy, today).filter(|entry| entry.policy.kind == PolicyKind::Voucher).ok_or_else(|| {
            Error::invalid(
                "policy_not_voucher",
                format!("no voucher policy `{policy}` holds today; see the pack's policies"),
            )
        })?;
    let unseen = entry.policy.caps.as_ref().is_none_or(|caps| {
        [caps.per_claim, caps.per_organisation_per_year, caps.pot].contains(&Cap::NotSeen)
    });
    if unseen {
        return Err(Error::conflict(
            "policy_incomplete",
            format!(
                "`{policy}` can't pay yet: {} leaves a cap “not seen”; read it in the published text and write it there",
                entry.path
            ),
        ));
    }
    Ok(entry)
}

/// Fails when issued vouchers promise more than the pot holds.
async fn check_covered(tx: &mut Tx, policy: &str) -> Result<()> {
    let pot = accounts::pot(tx, policy).await?;
    let pot_micros = ledger::balance(tx, pot).await?.posted_micros;
    let (issued, redeemed) = (accounts::issued(tx, policy).await?, accounts::redeemed(tx, policy).await?);
    let issued_micros = -ledger::balance(tx, issued).await?.posted_micros;
    let promised = issued_micros - ledger::balance(tx, redeemed).await?.posted_micros;
    if promised <= pot_micros {
        return Ok(());
    }
    Err(Error::insufficient(
        "pot_insufficient",
        format!(
            "the pot of `{policy}` holds CNY {} and its vouchers would promise CNY {}: fund it first \
             (POST /api/v1/programmes/{policy}/fund), or grant less",
            format_micros(pot_micros),
            format_micros(promised)
        ),
    ))
}

impl Finance {
    /// The vouchers of `org`, or of everyone, newest first, with what is left of each.
    pub async fn list_vouchers(
        &self,
        org: Option<Id<Org>>,
        page: &PageRequest,
    ) -> Result<Page<VoucherRecord>> {
        let pool = self.commons.db.pool();
        let mut page = sql::list_vouchers(pool, org, page).await?;
        for voucher in &mut page.items {
            voucher.left_micros =
                ledger::find_account(pool, voucher.account).await?.balance.available_micros();
        }
        Ok(page)
    }

    /// Takes back what is left of vouchers whose time is over, so that the pot can promise it anew. What open
    /// charges still reserve of one is taken back by a later sweep. Returns how many vouchers were closed.
    pub async fn sweep_expired(&self) -> Result<usize> {
        let now = self.commons.now();
        let mut closed = 0;
        for voucher in sql::due_vouchers(self.commons.db.pool(), now, SWEEP).await? {
            let done =
                self.commons.db.write(move |tx| Box::pin(async move { close(tx, &voucher, now).await }));
            closed += usize::from(done.await?);
        }
        Ok(closed)
    }
}

async fn close(tx: &mut Tx, voucher: &VoucherRecord, now: Timestamp) -> Result<bool> {
    let balance = ledger::balance(tx, voucher.account).await?;
    let left = balance.available_micros();
    if left > 0 {
        let source = accounts::issued(tx, &voucher.policy).await?;
        let leg = Leg { debit: voucher.account, credit: source, amount_micros: left, kind: "expiry".into() };
        let key = format!("expire:{}:{}", voucher.id, balance.posted_micros);
        ledger::transfer(tx, now, &key, &[leg], &voucher.reference).await?;
    }
    if balance.held_micros == 0 {
        sql::close_voucher(tx, voucher.id, now).await?;
    }
    Ok(balance.held_micros == 0)
}
