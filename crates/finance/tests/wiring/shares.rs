//! A model's revenue to the contributors of its corpus, and the path from a charge to each of them.

use crate::world::{DATASET, MODEL, World, YUAN};

testkit::each_db! {
    async fn a_tenth_of_the_revenue_is_pooled_traced_and_paid_by_tokens(kit: Kit) {
        let world = World::new(kit).await;
        world.train().await;
        world.kit.fund(&world.user.0, 100 * YUAN).await;
        world.fund("model-voucher", 100).await;
        world.grant(&world.user.0, "case_1", "model-voucher", "100 CNY", "vertical-application").await.unwrap();
        let charge = world.open(&world.user.0, &world.acme.0, "call-1", 20 * YUAN).await.unwrap();
        let charge = world.settle(charge.id, 10 * YUAN).await.unwrap();
        assert_eq!(world.posted(Some(&world.acme.0), "revenue").await, 9 * YUAN);
        assert_eq!(world.posted(None, &format!("pool:{DATASET}")).await, YUAN);

        let trace = world.finance.trace(&world.user.0, charge.id).await.unwrap();
        let names: Vec<&str> = trace.lineage.nodes.iter().map(|node| node.reference.as_str()).collect();
        assert_eq!(names, [MODEL, DATASET]);
        assert_eq!(trace.lineage.edges.len(), 1);
        assert_eq!((trace.jobs[0].id, trace.jobs[0].kind.as_str()), (trace.lineage.edges[0].job, "model.train"));
        assert_eq!((trace.payer.slug.as_str(), trace.payee.slug.as_str()), ("user", "acme"));
        let kinds: Vec<&str> = trace.transfers.iter().map(|transfer| transfer.kind.as_str()).collect();
        assert_eq!(kinds, ["voucher", "grant", "public_money", "payment", "revenue_share"]);
        let places: Vec<Option<&str>> = trace.transfers.iter().map(|transfer| transfer.to.owner.as_deref()).collect();
        assert_eq!(places, [None, None, Some("acme"), Some("acme"), None]);
        let told = serde_json::to_string(&trace).unwrap();
        assert!(!told.contains("profile") && !told.contains("posted_micros"), "{told}");
        assert!(trace.decisions.iter().all(|record| !record.decision.steps.is_empty()));
        let dataset = trace.dataset.unwrap();
        assert_eq!((dataset.contributors, dataset.documents, dataset.tokens), (3, 6, 1000));
        let parts: Vec<i64> = dataset.shares.iter().map(|share| share.amount_micros).collect();
        assert_eq!(parts, [600_000, 300_000, 100_000]);
        assert_eq!(dataset.shares[0].example, "serde authors/README.md");

        let paid = world.finance.distribute("operator".into(), "acme/notes", "may").await.unwrap();
        assert_eq!(paid[0].amount_micros, YUAN);
        assert_eq!(paid[0].shares.iter().map(|share| share.amount_micros).collect::<Vec<_>>(), parts);
        let again = world.finance.distribute("operator".into(), "acme/notes", "may").await.unwrap();
        assert_eq!((again[0].id, again[0].shares.len()), (paid[0].id, 3));
        assert!(world.finance.distribute("operator".into(), "acme/notes", "june").await.unwrap().is_empty());
        assert_eq!(world.posted(None, &format!("pool:{DATASET}")).await, 0);
        assert_eq!(world.finance.distributions("acme/notes").await.unwrap().len(), 1);
        assert_eq!(world.finance.distribute("x".into(), "acme/other", "may").await.unwrap_err().code, "pool_missing");
        world.books_hold().await;
    }

    async fn a_model_without_a_known_corpus_keeps_its_revenue(kit: Kit) {
        let world = World::new(kit).await;
        world.kit.fund(&world.user.0, 100 * YUAN).await;
        let charge = world.open(&world.user.0, &world.acme.0, "call-1", 10 * YUAN).await.unwrap();
        world.settle(charge.id, 10 * YUAN).await.unwrap();
        assert_eq!(world.posted(Some(&world.acme.0), "revenue").await, 10 * YUAN);
        let trace = world.finance.trace(&world.acme.0, charge.id).await.unwrap();
        assert!(trace.dataset.is_none() && trace.decisions.is_empty());
        world.books_hold().await;
    }
}
