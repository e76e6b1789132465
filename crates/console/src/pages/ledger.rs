//! The ledger: who holds what, what moved, and that it all sums to zero.

use super::names::{Names, charge_state, href_of, word};
use crate::{
    Console,
    lang::Lang,
    show,
    views::{Block, Cell, Mark, Number, Page, Shell, State as Standing, Table},
    web::{Answer, Visit},
};
use axum::extract::{Path, Query, State};
use commons::{
    billing::{self, Charge},
    identity::Scope,
    ids::Account,
    ledger::{self, AccountRecord, TransferRecord},
};
use kernel::{Error, Id, PageRequest, Result};
use std::collections::{BTreeMap, HashMap};

/// The most accounts on one page, those with the largest balances; empty ones are left out.
const MOST_ACCOUNTS: usize = 60;
/// The most transfers and charges on one page.
const MOST_ROWS: u32 = 30;

/// `GET /ledger`
pub async fn show_ledger(State(console): State<Console>, visit: Visit) -> Answer {
    let lang = visit.lang();
    let sees = visit.sees()?;
    let pool = console.commons.db.pool();
    let names = Names::read(&console.commons).await?;
    let accounts = ledger::list_accounts(pool, sees).await?;
    let request = PageRequest { limit: Some(MOST_ROWS), cursor: None };
    let charges = billing::list(pool, sees, &request).await?.items;
    let mut blocks = Vec::new();
    if sees.is_none() {
        blocks.push(sums(lang, &accounts));
    }
    if charges.is_empty() {
        blocks.push(Block::Empty { text: lang.t("charges-empty"), command: "mosu job list".into() });
    } else {
        blocks.push(Block::Table(charges_table(&visit.shell, &names, lang.t("charges"), &charges)));
    }
    blocks.push(Block::Table(accounts_table(lang, &names, &accounts)));
    if sees.is_none() {
        let transfers = ledger::list_transfers(pool, None, &request).await?.items;
        let known = by_id(&accounts);
        blocks.push(Block::Table(transfers_table(&visit.shell, &names, &known, &transfers)));
    }
    let lead = lang.t(if sees.is_none() { "ledger-lead-all" } else { "ledger-lead-own" });
    let page = Page::new(&visit.shell, lang.t("nav-ledger"), lead, blocks).command("mosu ledger verify");
    Ok(visit.show(&page))
}

/// Accounts by their identity.
pub fn by_id(accounts: &[AccountRecord]) -> HashMap<Id<Account>, &AccountRecord> {
    accounts.iter().map(|account| (account.id, account)).collect()
}

/// Each commodity's sum over all accounts, which must be zero.
fn sums(lang: Lang, accounts: &[AccountRecord]) -> Block {
    let mut sums = BTreeMap::<&str, (i128, i128)>::new();
    for account in accounts {
        let (sum, held) = sums.entry(&account.commodity).or_default();
        let posted = i128::from(account.balance.posted_micros);
        *sum += posted;
        *held += posted.max(0);
    }
    let number = |(commodity, (sum, moved)): (&&str, &(i128, i128))| Number {
        value: show::amount(lang, i64::try_from(*sum).unwrap_or(i64::MAX), ""),
        unit: if *sum == 0 { "✓".into() } else { "✕".into() },
        label: lang.ta("ledger-sum", &[("commodity", commodity_name(lang, commodity).into())]),
        note: lang.ta(
            "ledger-held",
            &[("amount", show::amount(lang, i64::try_from(*moved).unwrap_or(i64::MAX), "").into())],
        ),
        href: String::new(),
    };
    Block::Numbers(sums.iter().map(number).collect())
}

/// What a commodity is called; renminbi stays `CNY`, which [`show::amount`] knows to write.
pub fn commodity_word(lang: Lang, commodity: &str) -> String {
    if commodity == ledger::CNY {
        return commodity.to_owned();
    }
    let (kind, of) = commodity.split_once(':').unwrap_or((commodity, ""));
    let kind = word(lang, "commodity", kind);
    if of.is_empty() { kind } else { format!("{kind} {of}") }
}

/// What a commodity is called where it stands for itself.
fn commodity_name(lang: Lang, commodity: &str) -> String {
    if commodity == ledger::CNY { lang.t("commodity-cny") } else { commodity_word(lang, commodity) }
}

fn accounts_table(lang: Lang, names: &Names, accounts: &[AccountRecord]) -> Table {
    let used =
        |account: &&AccountRecord| account.balance.posted_micros != 0 || account.balance.held_micros != 0;
    let mut shown: Vec<&AccountRecord> = accounts.iter().filter(used).collect();
    shown.sort_by_key(|account| std::cmp::Reverse(account.balance.posted_micros.unsigned_abs()));
    let row = |account: &&AccountRecord| {
        vec![
            Cell::text(names.account(lang, account))
                .link(format!("/ledger/{}", account.id))
                .note(&account.code),
            Cell::text(commodity_name(lang, &account.commodity)),
            Cell::number(show::amount(lang, account.balance.posted_micros, "")),
            Cell::number(show::amount(lang, account.balance.held_micros, "")),
        ]
    };
    let heads = ["account", "commodity", "balance", "held"].map(|key| lang.t(key)).into();
    Table::new(lang.t("accounts"), heads, shown.iter().take(MOST_ACCOUNTS).map(row).collect())
}

/// Charges as rows.
pub fn charges_table(shell: &Shell, names: &Names, caption: String, charges: &[Charge]) -> Table {
    let lang = shell.lang;
    let row = |charge: &Charge| {
        let resource = super::names::reference(&charge.resource);
        vec![
            Cell::text(word(lang, "service", charge.service.name())).link(format!("/charges/{}", charge.id)),
            resource,
            Cell::text(format!("{} → {}", names.org(charge.org), names.org(charge.payee))),
            Cell::state(charge_state(lang, charge.state)),
            Cell::time(lang, shell.now, charge.opened_at),
            Cell::number(show::cny(lang, charge.amount_micros)),
        ]
    };
    let heads =
        ["charge", "charge-for", "charge-parties", "state", "when", "amount"].map(|key| lang.t(key)).into();
    Table::new(caption, heads, charges.iter().map(row).collect())
}

/// Transfers as rows.
pub fn transfers_table(
    shell: &Shell,
    names: &Names,
    accounts: &HashMap<Id<Account>, &AccountRecord>,
    transfers: &[TransferRecord],
) -> Table {
    let lang = shell.lang;
    let name = |id: &Id<Account>| match accounts.get(id) {
        Some(account) => Cell::text(names.account(lang, account)).hint(id.to_string()),
        None => Cell::code(show::short(&id.to_string())).hint(id.to_string()),
    };
    let row = |transfer: &TransferRecord| {
        vec![
            Cell::text(word(lang, "transfer", &transfer.kind)).note(format!("№ {}", transfer.seq)),
            name(&transfer.debit),
            name(&transfer.credit),
            Cell::code(show::short(&transfer.reference))
                .hint(&transfer.reference)
                .link(href_of(&transfer.reference).unwrap_or_default()),
            Cell::time(lang, shell.now, transfer.at).note(show::short(&transfer.hash)),
            Cell::number(show::amount(
                lang,
                transfer.amount_micros,
                &commodity_word(lang, &transfer.commodity),
            )),
        ]
    };
    let heads = ["transfer", "from", "to", "belongs-to", "when", "amount"].map(|key| lang.t(key)).into();
    Table::new(lang.t("transfers"), heads, transfers.iter().map(row).collect())
}

/// Where to go on in an account's transfers.
#[derive(serde::Deserialize)]
pub struct AccountQuery {
    cursor: Option<String>,
}

/// `GET /ledger/{account}`
pub async fn show_account(
    State(console): State<Console>,
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<AccountQuery>,
) -> Answer {
    let lang = visit.lang();
    let pool = console.commons.db.pool();
    let account = find_account(&console, &visit, &id).await?;
    let request = PageRequest { limit: Some(50), cursor: query.cursor };
    let transfers = ledger::list_transfers(pool, Some(account.id), &request).await?;
    let names = Names::read(&console.commons).await?;
    let accounts = ledger::list_accounts(pool, None).await?;
    let mut table = transfers_table(&visit.shell, &names, &by_id(&accounts), &transfers.items);
    table.next =
        transfers.next_cursor.map(|cursor| format!("/ledger/{id}?cursor={cursor}")).unwrap_or_default();
    let unit = commodity_word(lang, &account.commodity);
    let amount = |micros| Cell::text(show::amount(lang, micros, &unit));
    let floor = account.floor_micros.map(amount).unwrap_or_else(|| Cell::text(lang.t("floor-none")));
    let facts = Block::Facts(vec![
        (lang.t("balance"), amount(account.balance.posted_micros)),
        (lang.t("held"), amount(account.balance.held_micros)),
        (lang.t("floor"), floor),
        (lang.t("id"), Cell::code(account.id.to_string())),
    ]);
    let mut blocks = vec![facts];
    match transfers.items.is_empty() {
        true => blocks.push(Block::Notice {
            state: Standing { mark: Mark::Off, word: lang.t("transfers-none") },
            text: String::new(),
        }),
        false => blocks.push(Block::Table(table)),
    }
    let page = Page::new(&visit.shell, names.account(lang, &account), lang.t("account-lead"), blocks)
        .under(lang.t("nav-ledger"), "/ledger")
        .command(format!("mosu ledger transfers {id}"));
    Ok(visit.show(&page))
}

async fn find_account(console: &Console, visit: &Visit, id: &str) -> Result<AccountRecord> {
    let id: Id<Account> = id.parse()?;
    let account = ledger::find_account(console.commons.db.pool(), id).await?;
    let caller = visit.caller()?;
    let everyone = caller.may(Scope::Operate) || caller.may(Scope::Audit);
    if !everyone && account.owner != Some(caller.org) {
        return Err(Error::not_found("account_missing", "there is no such account that you may see"));
    }
    Ok(account)
}
