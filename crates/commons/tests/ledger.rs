//! The ledger through its public doors, on both databases.

use commons::{
    billing::{self, ChargeState, Quote, Service, UsageLine, balance_account, revenue_account},
    identity::Caller,
    ids::Account,
    ledger::{self, CNY, Leg},
};
use kernel::{Id, Kind};
use sqlx::Executor;
use testkit::Kit;

async fn accounts(kit: &Kit, from: &Caller, to: &Caller) -> (Id<Account>, Id<Account>) {
    let (from, to) = (from.org, to.org);
    let made = kit.commons.db.write(move |tx| {
        Box::pin(async move { Ok((balance_account(tx, from).await?, revenue_account(tx, to).await?)) })
    });
    made.await.unwrap()
}

async fn transfer(kit: &Kit, key: &str, legs: Vec<Leg>) -> kernel::Result<ledger::Posted> {
    let (key, now) = (key.to_owned(), kit.commons.now());
    kit.commons
        .db
        .write(move |tx| Box::pin(async move { ledger::transfer(tx, now, &key, &legs, "test").await }))
        .await
}

fn leg(debit: Id<Account>, credit: Id<Account>, amount_micros: i64) -> Leg {
    Leg { debit, credit, amount_micros, kind: "payment".into() }
}

fn quote(from: &Caller, to: &Caller, key: &str, max_micros: i64) -> Quote {
    Quote {
        org: from.org,
        payee: to.org,
        service: Service::Model,
        resource: "model:b/tiny@0".into(),
        max_micros,
        idempotency: key.into(),
        expires_seconds: Some(60),
    }
}

async fn open(kit: &Kit, quote: Quote) -> kernel::Result<billing::Charge> {
    let commons = kit.commons.clone();
    kit.commons.db.write(move |tx| Box::pin(async move { billing::open(&commons, tx, quote).await })).await
}

async fn settle(kit: &Kit, id: Id<commons::ids::Charge>, micros: i64) -> kernel::Result<billing::Charge> {
    let commons = kit.commons.clone();
    let lines = vec![UsageLine { unit: "unit".into(), quantity: micros, price_micros: 1, per: 1 }];
    kit.commons
        .db
        .write(move |tx| Box::pin(async move { billing::settle(&commons, tx, id, lines).await }))
        .await
}

async fn available(kit: &Kit, account: Id<Account>) -> i64 {
    ledger::find_account(kit.commons.db.pool(), account).await.unwrap().balance.available_micros()
}

async fn verification(kit: &Kit) -> ledger::Verification {
    ledger::verify(&kit.commons.db).await.unwrap()
}

testkit::each_db! {
    async fn the_same_key_moves_money_once(kit: Kit) {
        let ((a, _), (b, _)) = (kit.org("aa").await, kit.org("bb").await);
        kit.fund(&a, 100).await;
        let (from, to) = accounts(&kit, &a, &b).await;
        let first = transfer(&kit, "k", vec![leg(from, to, 60)]).await.unwrap();
        let again = transfer(&kit, "k", vec![leg(from, to, 60)]).await.unwrap();
        assert!(first.fresh && !again.fresh);
        assert_eq!(first.transfers[0].id, again.transfers[0].id);
        assert_eq!(transfer(&kit, "k", vec![leg(from, to, 1)]).await.unwrap_err().kind, Kind::Conflict);
        assert_eq!(available(&kit, from).await, 40);
    }

    async fn linked_transfers_stand_or_fall_together(kit: Kit) {
        let ((a, _), (b, _)) = (kit.org("aa").await, kit.org("bb").await);
        kit.fund(&a, 100).await;
        let (from, to) = accounts(&kit, &a, &b).await;
        let refused = transfer(&kit, "k", vec![leg(from, to, 60), leg(from, to, 60)]).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Insufficient);
        assert_eq!((available(&kit, from).await, available(&kit, to).await), (100, 0));
        assert!(verification(&kit).await.holds);
    }

    async fn many_at_once_never_overdraw(kit: Kit) {
        let ((a, _), (b, _)) = (kit.org("aa").await, kit.org("bb").await);
        kit.fund(&a, 1_000).await;
        let (from, to) = accounts(&kit, &a, &b).await;
        let keys: Vec<String> = (0..150).map(|n| format!("k{n}")).collect();
        let posts = keys.iter().map(|key| transfer(&kit, key, vec![leg(from, to, 10)]));
        let done = futures::future::join_all(posts).await.into_iter().filter(Result::is_ok).count();
        assert_eq!((done, available(&kit, from).await, available(&kit, to).await), (100, 0, 1_000));
        assert!(verification(&kit).await.holds);
    }

    async fn a_charge_reserves_the_most_and_takes_what_was_used(kit: Kit) {
        let ((a, _), (b, _)) = (kit.org("aa").await, kit.org("bb").await);
        kit.fund(&a, 100).await;
        let (from, to) = accounts(&kit, &a, &b).await;
        let charge = open(&kit, quote(&a, &b, "call-1", 80)).await.unwrap();
        assert_eq!(available(&kit, from).await, 20);
        assert_eq!(open(&kit, quote(&a, &b, "call-2", 30)).await.unwrap_err().kind, Kind::Insufficient);
        assert!(verification(&kit).await.holds);
        let settled = settle(&kit, charge.id, 30).await.unwrap();
        assert_eq!((settled.state, settled.amount_micros), (ChargeState::Settled, 30));
        assert_eq!(settle(&kit, charge.id, 50).await.unwrap().amount_micros, 30);
        assert_eq!((available(&kit, from).await, available(&kit, to).await), (70, 30));
        assert!(verification(&kit).await.holds);
    }

    async fn an_abandoned_charge_is_swept(kit: Kit) {
        let ((a, _), (b, _)) = (kit.org("aa").await, kit.org("bb").await);
        kit.fund(&a, 100).await;
        let (from, _) = accounts(&kit, &a, &b).await;
        let charge = open(&kit, quote(&a, &b, "call-1", 80)).await.unwrap();
        assert_eq!(billing::sweep_expired(&kit.commons).await.unwrap(), 0);
        kit.clock.advance_seconds(61);
        assert_eq!(billing::sweep_expired(&kit.commons).await.unwrap(), 1);
        assert_eq!(available(&kit, from).await, 100);
        assert_eq!(settle(&kit, charge.id, 30).await.unwrap_err().code, "charge_voided");
        assert!(verification(&kit).await.holds);
    }

    async fn a_changed_byte_is_found_and_its_place_told(kit: Kit) {
        let ((a, _), (b, _)) = (kit.org("aa").await, kit.org("bb").await);
        kit.fund(&a, 100).await;
        let (from, to) = accounts(&kit, &a, &b).await;
        transfer(&kit, "k", vec![leg(from, to, 60)]).await.unwrap();
        let (now, db) = (kit.commons.now(), &kit.commons.db);
        db.write(move |tx| Box::pin(async move {
            for subject in ["one", "two", "three"] {
                commons::audit::record(tx, now, "test", "thing.change", subject, serde_json::json!({})).await?;
            }
            Ok(())
        })).await.unwrap();
        assert!(verification(&kit).await.holds);
        for (change, undo, place) in [
            ("UPDATE commons_transfer SET reference = 'tesu' WHERE seq = 2", "UPDATE commons_transfer SET reference = 'test' WHERE seq = 2", "transfer 2"),
            ("UPDATE commons_transfer SET amount_micros = 61 WHERE seq = 2", "UPDATE commons_transfer SET amount_micros = 60 WHERE seq = 2", "transfer 2"),
            ("UPDATE commons_audit SET subject = 'twp' WHERE seq = 2", "UPDATE commons_audit SET subject = 'two' WHERE seq = 2", "audit entry 2"),
            ("UPDATE commons_account SET posted_micros = 41 WHERE posted_micros = 40", "UPDATE commons_account SET posted_micros = 40 WHERE posted_micros = 41", "account acct_"),
            ("UPDATE commons_audit SET seq = 9 WHERE seq = 3", "UPDATE commons_audit SET seq = 3 WHERE seq = 9", "audit entry 9"),
        ] {
            db.write(move |tx| Box::pin(async move { tx.execute(change).await.unwrap(); Ok(()) })).await.unwrap();
            let found = verification(&kit).await;
            assert!(!found.holds && found.faults.iter().any(|f| f.place.starts_with(place)), "{change}: {:?}", found.faults);
            db.write(move |tx| Box::pin(async move { tx.execute(undo).await.unwrap(); Ok(()) })).await.unwrap();
        }
        assert!(verification(&kit).await.holds);
        // The end of a chain cut off is told by where the chain says it ends.
        db.write(|tx| Box::pin(async move { tx.execute("DELETE FROM commons_audit WHERE seq = 3").await.unwrap(); Ok(()) })).await.unwrap();
        assert!(!verification(&kit).await.holds);
    }

    async fn different_commodities_do_not_mix(kit: Kit) {
        let db = &kit.commons.db;
        let (yuan, voucher) = db.write(|tx| Box::pin(async move {
            Ok((ledger::account(tx, None, "a", CNY, None).await?, ledger::account(tx, None, "b", "VOUCHER:x", None).await?))
        })).await.unwrap();
        assert_eq!(transfer(&kit, "k", vec![leg(yuan, voucher, 1)]).await.unwrap_err().code, "commodity_mismatch");
    }
}
