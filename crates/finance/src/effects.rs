//! What a decided case may do with money: `grant_voucher` and `open_balance`.

use crate::{
    accounts, ops,
    rules::{Book, PolicyKind, value::Cap},
    types::NewVoucher,
};
use async_trait::async_trait;
use commons::{
    Commons,
    billing::balance_account,
    effects::{Effect, EffectContext},
    ids::Org,
    ledger::{self, Leg},
};
use kernel::{Error, Id, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use store::Tx;

/// `grant_voucher {policy, face_value, days}`: issues a voucher to the case's organisation.
///
/// The form's fields `purpose`, `organisation_type` and `related_organisations`, where it has them, are the
/// declarations that the policy's conditions are later tested against.
pub(crate) struct GrantVoucher {
    pub(crate) book: Arc<Book>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VoucherArgs {
    policy: String,
    face_value: Cap,
    days: i64,
}

/// `open_balance {amount}`: the community's welcome credit, out of its own pocket.
pub(crate) struct OpenBalance;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BalanceArgs {
    amount: Cap,
}

#[async_trait]
impl Effect for GrantVoucher {
    fn name(&self) -> &'static str {
        "grant_voucher"
    }

    fn check(&self, args: &Value) -> Result<()> {
        let args: VoucherArgs = read(self.name(), args)?;
        amount(self.name(), args.face_value)?;
        let known = |entry: &&crate::rules::Entry| {
            entry.policy.id == args.policy && entry.policy.kind == PolicyKind::Voucher
        };
        if self.book.entries().iter().find(known).is_none() {
            return Err(wrong(self.name(), &format!("the pack has no voucher policy `{}`", args.policy)));
        }
        if !(1..=3660).contains(&args.days) {
            return Err(wrong(self.name(), "days goes from 1 to 3660"));
        }
        Ok(())
    }

    async fn apply(&self, commons: &Commons, tx: &mut Tx, context: &EffectContext) -> Result<Value> {
        let args: VoucherArgs = read(self.name(), &context.args)?;
        let declared = |field: &str| context.form.get(field).and_then(Value::as_str).map(str::to_owned);
        let new = NewVoucher {
            org: organisation(self.name(), context)?,
            idempotency: format!("{}:{}", context.case, args.policy),
            face_micros: amount(self.name(), args.face_value)?,
            policy: args.policy,
            days: args.days,
            purpose: declared("purpose"),
            organisation_type: declared("organisation_type"),
            related: names(&declared("related_organisations").unwrap_or_default()),
            reference: context.case.clone(),
        };
        let voucher = ops::issue(tx, &self.book, commons.now(), &new).await?;
        Ok(json!({"voucher": voucher.id, "policy": voucher.policy, "face_micros": voucher.face_micros}))
    }
}

#[async_trait]
impl Effect for OpenBalance {
    fn name(&self) -> &'static str {
        "open_balance"
    }

    fn check(&self, args: &Value) -> Result<()> {
        let args: BalanceArgs = read(self.name(), args)?;
        amount(self.name(), args.amount).map(|_| ())
    }

    async fn apply(&self, commons: &Commons, tx: &mut Tx, context: &EffectContext) -> Result<Value> {
        let args: BalanceArgs = read(self.name(), &context.args)?;
        let amount_micros = amount(self.name(), args.amount)?;
        let org = organisation(self.name(), context)?;
        let (debit, credit) = (accounts::welcome(tx).await?, balance_account(tx, org).await?);
        let leg = Leg { debit, credit, amount_micros, kind: "welcome".into() };
        ledger::transfer(tx, commons.now(), &format!("welcome:{}", context.case), &[leg], &context.case)
            .await?;
        Ok(json!({"welcome_micros": amount_micros}))
    }
}

fn read<T: for<'de> Deserialize<'de>>(effect: &str, args: &Value) -> Result<T> {
    serde_json::from_value(args.clone()).map_err(|error| wrong(effect, &error.to_string()))
}

fn amount(effect: &str, amount: Cap) -> Result<i64> {
    amount.micros().ok_or_else(|| wrong(effect, "an amount is written as “100 CNY”"))
}

/// Short names in a text, whatever stands between them.
fn names(text: &str) -> Vec<String> {
    let between = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    text.split(between).filter(|name| !name.is_empty()).map(str::to_ascii_lowercase).collect()
}

fn organisation(effect: &str, context: &EffectContext) -> Result<Id<Org>> {
    context.org.ok_or_else(|| wrong(effect, "it needs an organisation; put create_organisation before it"))
}

fn wrong(effect: &str, why: &str) -> Error {
    Error::invalid("effect_args", format!("the effect {effect}: {why}"))
}
