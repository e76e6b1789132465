//! A voucher's way to zero: what it held over time, and when it is used up at this pace.

use super::names::Names;
use crate::{
    Console,
    charts::{Hours, HoursLine, Stroke, Tone},
    lang::Lang,
    show,
    views::Block,
};
use commons::ledger::{self, TransferRecord};
use finance::VoucherRecord;
use kernel::{PageRequest, Result, Timestamp};

/// The most vouchers that are drawn.
const MOST_VOUCHERS: usize = 4;
/// Seconds of use from which a pace is read.
const LEAST_SECONDS: f64 = 86_400.0;
/// The most pages of a hundred transfers behind one picture.
const MOST_PAGES: usize = 5;

/// Pictures of the vouchers that are being used.
pub async fn blocks(
    console: &Console,
    lang: Lang,
    names: &Names,
    vouchers: &[VoucherRecord],
) -> Result<Vec<Block>> {
    let now = console.commons.now();
    let open = |voucher: &&VoucherRecord| voucher.closed_at.is_none() && voucher.expires_at > now;
    let mut used: Vec<_> = vouchers.iter().filter(open).collect();
    used.retain(|voucher| voucher.left_micros < voucher.face_micros);
    used.sort_by_key(|voucher| voucher.left_micros - voucher.face_micros);
    let mut blocks = Vec::new();
    for voucher in used.into_iter().take(MOST_VOUCHERS) {
        let posted =
            ledger::find_account(console.commons.db.pool(), voucher.account).await?.balance.posted_micros;
        let transfers = transfers(console, voucher).await?;
        let burn = Burn::of(voucher, posted, &transfers, now);
        let title = lang.ta(
            "burn-question",
            &[("voucher", format!("{} · {}", names.org(voucher.org), voucher.policy).into())],
        );
        let note = burn.sentence(lang, voucher, now);
        blocks.push(Block::half_figure(title.clone(), note.clone(), &burn.chart(lang, title, note)));
    }
    let mut pairs = Vec::new();
    let mut blocks = blocks.into_iter();
    while let Some(left) = blocks.next() {
        pairs.push(Block::pair(vec![left], blocks.next().into_iter().collect()));
    }
    Ok(pairs)
}

/// The newest transfers of a voucher's account, newest first.
async fn transfers(console: &Console, voucher: &VoucherRecord) -> Result<Vec<TransferRecord>> {
    let mut all = Vec::new();
    let mut request = PageRequest { limit: Some(100), cursor: None };
    for _ in 0..MOST_PAGES {
        let page = ledger::list_transfers(console.commons.db.pool(), Some(voucher.account), &request).await?;
        all.extend(page.items);
        request.cursor = page.next_cursor;
        if request.cursor.is_none() {
            break;
        }
    }
    Ok(all)
}

/// What a voucher held, and what it will hold at this pace.
struct Burn {
    /// Settled, step by step, until now.
    settled: Vec<(Timestamp, f64)>,
    /// Left now, less what open charges reserve.
    left: f64,
    /// Where the straight line ends: at zero or at the voucher's end.
    ends: Option<(Timestamp, f64)>,
}

impl Burn {
    /// Walks back from what the account holds now. `transfers` stand newest first.
    fn of(voucher: &VoucherRecord, posted: i64, transfers: &[TransferRecord], now: Timestamp) -> Self {
        let mut held = posted;
        let mut settled = vec![(now, held as f64)];
        for transfer in transfers {
            settled.push((transfer.at, held as f64));
            let spent = if transfer.debit == voucher.account {
                transfer.amount_micros
            } else {
                -transfer.amount_micros
            };
            held = held.saturating_add(spent);
            // what came in is the voucher's beginning
            if spent > 0 {
                settled.push((transfer.at, held as f64));
            }
        }
        settled.reverse();
        let left = voucher.left_micros as f64;
        let ends = settled
            .first()
            .and_then(|&(first, most)| project((first, most), (now, left), voucher.expires_at));
        Self { settled, left, ends }
    }

    fn sentence(&self, lang: Lang, voucher: &VoucherRecord, now: Timestamp) -> String {
        let left = show::cny(lang, voucher.left_micros);
        match self.ends {
            None => lang.ta("burn-early", &[("left", left.into())]),
            Some((at, rest)) if rest > 0.0 => {
                let rest = show::cny(lang, (rest / 1e4) as i64 * 10_000); // whole fen
                let values =
                    [("left", left.into()), ("rest", rest.into()), ("date", at.shanghai_date().into())];
                lang.ta("burn-expires", &values)
            }
            Some((at, _)) => {
                let when = show::ago(lang, now, at);
                let values =
                    [("left", left.into()), ("date", at.shanghai_date().into()), ("when", when.into())];
                lang.ta("burn-empty", &values)
            }
        }
    }

    fn chart(&self, lang: Lang, title: String, description: String) -> Hours {
        let yuan =
            |points: &[(Timestamp, f64)]| points.iter().map(|&(at, micros)| (at, micros / 1e6)).collect();
        let mut lines = vec![HoursLine {
            name: lang.t("burn-left"),
            tone: Tone::Accent,
            stroke: Stroke::Area,
            points: yuan(&self.settled),
        }];
        if let (Some(end), Some(now)) = (self.ends, self.settled.last()) {
            lines.push(HoursLine {
                name: lang.t("burn-pace"),
                tone: Tone::Neutral,
                stroke: Stroke::Dashed,
                points: yuan(&[(now.0, self.left), end]),
            });
        }
        Hours { title, description, y_name: lang.t("burn-unit"), most: 0.0, lines }
    }
}

/// The straight line from `first` through `now` on to zero or to `expiry`, whichever comes first; none when
/// nothing was used, or not for long enough.
fn project(first: (Timestamp, f64), now: (Timestamp, f64), expiry: Timestamp) -> Option<(Timestamp, f64)> {
    let (ran, used) = (now.0.seconds_since(first.0), first.1 - now.1);
    if ran < LEAST_SECONDS || used <= 0.0 {
        return None;
    }
    let pace = used / ran;
    let until_expiry = expiry.seconds_since(now.0).max(0.0);
    let until_zero = now.1.max(0.0) / pace;
    match until_zero < until_expiry {
        true => Some((now.0.plus_seconds(until_zero as i64), 0.0)),
        false => Some((expiry, now.1 - pace * until_expiry)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Id;

    #[test]
    fn a_straight_line_leads_to_zero_or_to_the_end() {
        let at = |day: i64| Timestamp(0).plus_seconds(day * 86_400);
        assert_eq!(project((at(0), 100.0), (at(10), 50.0), at(100)), Some((at(20), 0.0)));
        assert_eq!(project((at(0), 100.0), (at(10), 50.0), at(15)), Some((at(15), 25.0)));
        assert_eq!(project((at(0), 100.0), (at(10), 100.0), at(15)), None);
        assert_eq!(project((at(0), 100.0), (at(0), 50.0), at(15)), None, "too early to tell");
        assert_eq!(project((at(0), 100.0), (at(10), 0.0), at(5)), Some((at(5), 0.0)));
    }

    #[test]
    fn what_a_voucher_held_is_walked_back_from_what_it_holds() {
        let now = Timestamp(1_795_292_000_000_000);
        let ago = |days: i64| now.plus_seconds(-days * 86_400);
        let (account, other) = (Id::generate(), Id::generate());
        let voucher = VoucherRecord {
            id: Id::generate(),
            org: Id::generate(),
            policy: "compute-voucher".into(),
            version: "1".into(),
            account,
            face_micros: 100,
            left_micros: 50,
            purpose: None,
            organisation_type: None,
            related: vec![],
            reference: "case".into(),
            issued_at: ago(10),
            expires_at: now.plus_seconds(86_400 * 90),
            closed_at: None,
        };
        let transfer = |debit, credit, amount_micros, days| TransferRecord {
            seq: 1,
            id: Id::generate(),
            batch: String::new(),
            debit,
            credit,
            amount_micros,
            commodity: String::new(),
            kind: String::new(),
            reference: String::new(),
            at: ago(days),
            hash: String::new(),
        };
        let newest_first = [transfer(account, other, 40, 5), transfer(other, account, 100, 10)];
        let burn = Burn::of(&voucher, 60, &newest_first, now);
        assert_eq!(burn.settled, [(ago(10), 100.0), (ago(5), 100.0), (ago(5), 60.0), (now, 60.0)]);
        assert_eq!(burn.ends, Some((now.plus_seconds(10 * 86_400), 0.0)));
        let said = burn.sentence(Lang::En, &voucher, now);
        assert!(said.contains("it is used up on") && said.contains("in 10 days"), "{said}");
    }
}
