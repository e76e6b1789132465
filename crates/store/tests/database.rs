//! What both databases must do alike: migrate, write together, undo alone, refuse a second writer.

use kernel::{Error, Kind};
use store::{Columns, Database, SqlExt};

testkit::each_db! {
    async fn an_operation_that_fails_takes_nobody_with_it(kit: Kit) {
        let db = &kit.commons.db;
        db.migrate("test", &["CREATE TABLE test_n (n BIGINT PRIMARY KEY)"]).await.unwrap();
        let writes = (0..200i64).map(|n| db.write(move |tx| Box::pin(async move {
            sqlx::query("INSERT INTO test_n (n) VALUES ($1)").bind(n / 2).execute(tx).await.sql()?;
            if n % 10 == 0 { Err(Error::invalid("test", "no")) } else { Ok(n) }
        })));
        let outcomes = futures::future::join_all(writes).await;
        let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM test_n").fetch_one(db.pool()).await.unwrap();
        // Pairs share a key: one of each pair stays, also where the first of them failed after inserting.
        assert_eq!(kept, 100);
        assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 100);
    }

    async fn many_rows_arrive_as_they_were_sent(kit: Kit) {
        const TABLE: Columns = Columns { table: "test_rows", texts: &["a", "b"], integers: &["c", "d"] };
        let db = &kit.commons.db;
        db.migrate("test", &["CREATE TABLE test_rows (a TEXT NOT NULL, b TEXT, c BIGINT NOT NULL, d BIGINT)"])
            .await.unwrap();
        let texts = ["", "007", "null", "1e3", "{\"k\":[1]}", "quotes ' \" \\", "two\nlines\t", "模速 🚀", "\u{1}\u{7f}"];
        let long = "long ".repeat(300_000); // more than a statement takes
        let texts: Vec<_> = texts.into_iter().map(str::to_owned).chain([long]).collect();
        let row = |(n, text): (usize, &String)| {
            let n = n as i64;
            ((text.clone(), (n % 2 == 0).then(|| text.clone())), (i64::MAX - n, (n % 3 == 0).then_some(i64::MIN + n)))
        };
        let rows: Vec<_> = texts.iter().enumerate().map(row).collect();
        let sent = rows.clone();
        db.write(move |tx| Box::pin(async move { TABLE.rows(sent)?.insert(tx).await })).await.unwrap();
        let found: Vec<(String, Option<String>, i64, Option<i64>)> =
            sqlx::query_as("SELECT a, b, c, d FROM test_rows ORDER BY c DESC").fetch_all(db.pool()).await.unwrap();
        let sent: Vec<_> = rows.into_iter().map(|((a, b), (c, d))| (a, b, c, d)).collect();
        assert_eq!(found, sent);
    }

    async fn a_panic_is_an_error_and_the_writer_lives_on(kit: Kit) {
        let db = &kit.commons.db;
        let broken = db.write::<()>(|_| Box::pin(async { panic!("on purpose") })).await;
        assert_eq!(broken.unwrap_err().kind, Kind::Internal);
        assert_eq!(db.write(|_| Box::pin(async { Ok(7) })).await.unwrap(), 7);
    }

    async fn a_migration_runs_once_and_may_not_be_edited(kit: Kit) {
        let db = &kit.commons.db;
        let (first, second) = ("CREATE TABLE test_a (n BIGINT)", "CREATE TABLE test_b (n BIGINT)");
        db.migrate("test", &[first]).await.unwrap();
        db.migrate("test", &[first, second]).await.unwrap();
        db.migrate("test", &[first, second]).await.unwrap();
        assert_eq!(db.migrate("test", &[second, second]).await.unwrap_err().code, "migration_edited");
        assert_eq!(db.migrate("test", &[first]).await.unwrap_err().code, "database_newer");
    }

    async fn a_second_writer_is_refused_and_a_reader_is_not(kit: Kit) {
        assert_eq!(Database::open(&kit.database_url).await.unwrap_err().code, "database_in_use");
        let reader = Database::open_read_only(&kit.database_url).await.unwrap();
        assert!(reader.write(|_| Box::pin(async { Ok(()) })).await.is_err());
    }
}

#[tokio::test]
async fn blobs_are_named_by_their_content_and_a_refused_stream_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = store::Blobs::local(folder.path()).unwrap();
    let blob = blobs.put_bytes("hello").await.unwrap();
    assert_eq!(blob.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_eq!(blobs.get_bytes(&blob.sha256).await.unwrap().as_ref(), b"hello");
    let chunks = (0..10).map(|_| Ok(bytes::Bytes::from(vec![1u8; 1000])));
    let refused = blobs.put_stream(futures::stream::iter(chunks), 5000).await.unwrap_err();
    assert_eq!(refused.code, "upload_too_large");
    assert_eq!(std::fs::read_dir(folder.path().join("staging")).unwrap().count(), 0);
    assert!(blobs.get_bytes("../../etc/passwd").await.is_err());
    let file = folder.path().join("out/hello.txt");
    blobs.export(&blob.sha256, &file).await.unwrap();
    assert_eq!(std::fs::read(file).unwrap(), b"hello");
}
