//! Committing and reading what was committed, through the operations that other platforms use.

mod support;

use hub::{Content, Listing, RepoKind, Viewer, Visibility};
use kernel::{Kind, PageRequest};
use support::World;

const DATASET: RepoKind = RepoKind::Dataset;

fn paths(entries: &[hub::Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.path.as_str()).collect()
}

testkit::each_db! {
    async fn the_same_key_gives_the_same_commit(kit: Kit) {
        let world = World::new(kit).await;
        let request = world.request(DATASET, "notes", Visibility::Private, &[("README.md", "# Notes\n")]);
        let first = world.hub.commit(request.clone()).await.unwrap();
        let mut again = request.clone();
        again.files[0].1 = Content::Bytes("something else".into());
        assert_eq!(world.hub.commit(again).await.unwrap(), first);
        assert_eq!(first.reference, format!("dataset:acme/notes@{}", first.oid));
        assert_eq!((first.number, first.parent.as_deref()), (1, None));

        let racing = world.request(DATASET, "notes", Visibility::Private, &[("a.txt", "a")]);
        let racing = (0..8).map(|_| world.hub.commit(racing.clone()));
        let mut commits = futures::future::join_all(racing).await.into_iter().map(Result::unwrap);
        let second = commits.next().unwrap();
        assert!(second.number == 2 && commits.all(|commit| commit == second));
    }

    async fn commits_at_once_make_one_line_of_history(kit: Kit) {
        let world = World::new(kit).await;
        let requests: Vec<_> = (0..8)
            .map(|n| world.request(DATASET, "notes", Visibility::Private, &[(format!("f{n}").as_str(), "x")]))
            .collect();
        let commits =
            futures::future::join_all(requests.into_iter().map(|request| world.hub.commit(request))).await;
        assert!(commits.iter().all(Result::is_ok));
        let revision =
            world.hub.resolve(Viewer::Org(world.acme.0.org), DATASET, "acme/notes", "main").await.unwrap();
        assert_eq!((revision.commit.number, revision.entries.len()), (8, 8));
        let page = PageRequest { limit: Some(3), cursor: None };
        let newest = world.hub.commits(&revision.repo, &revision.commit, &page).await.unwrap();
        assert_eq!(newest.items.iter().map(|commit| commit.number).collect::<Vec<_>>(), [8, 7, 6]);
        for pair in newest.items.windows(2) {
            assert_eq!(pair[0].parent.as_ref(), Some(&pair[1].oid));
        }
        let page = PageRequest { limit: Some(3), cursor: newest.next_cursor };
        let older = world.hub.commits(&revision.repo, &revision.commit, &page).await.unwrap();
        assert_eq!(older.items.iter().map(|commit| commit.number).collect::<Vec<_>>(), [5, 4, 3]);
    }

    async fn files_stay_or_go_as_asked(kit: Kit) {
        let world = World::new(kit).await;
        let files = [("README.md", "# Notes\n"), ("data/a.txt", "a"), ("data/b.txt", "b")];
        world.commit(DATASET, "notes", Visibility::Private, &files).await;
        let second =
            world.commit(DATASET, "notes", Visibility::Public, &[("data/a.txt", "A"), ("c", "c")]).await;
        let mut third = world.request(DATASET, "notes", Visibility::Private, &[("data/a.txt", "A")]);
        third.replace_all = true;
        let third = world.hub.commit(third).await.unwrap();

        let viewer = Viewer::Org(world.acme.0.org);
        let kept = world.hub.resolve_reference(viewer, &second.reference).await.unwrap();
        assert_eq!(kept.repo.visibility, Visibility::Private, "a later commit must not publish a repository");
        assert_eq!(paths(&kept.entries), ["README.md", "c", "data/a.txt", "data/b.txt"]);
        let changes = world.hub.changes(&kept.repo, &second).await.unwrap();
        assert_eq!(
            (changes.added, changes.changed, changes.removed),
            (vec!["c".into()], vec!["data/a.txt".into()], vec![])
        );
        let last = world.hub.resolve_reference(viewer, &third.reference).await.unwrap();
        assert_eq!(paths(&last.entries), ["data/a.txt"]);
    }

    async fn a_refused_commit_leaves_nothing(kit: Kit) {
        let world = World::new(kit).await;
        for path in ["../out", "/etc/passwd", "a//b", "a/../b", "a\0b", ""] {
            let request = world.request(DATASET, "notes", Visibility::Public, &[("fine", "x"), (path, "x")]);
            assert_eq!(world.hub.commit(request).await.unwrap_err().code, "path_invalid", "{path:?}");
        }
        let request = world.request(DATASET, "notes", Visibility::Public, &[("a", "x"), ("a/b", "x")]);
        assert_eq!(world.hub.commit(request).await.unwrap_err().code, "path_invalid");
        let mut request = world.request(DATASET, "no--tes", Visibility::Public, &[("a", "x")]);
        assert_eq!(world.hub.commit(request.clone()).await.unwrap_err().code, "repo_name_invalid");
        request.name = "notes".into();
        request.files[0].1 = Content::File("/nowhere/at/all".into());
        assert_eq!(world.hub.commit(request).await.unwrap_err().code, "commit_invalid");
        let all =
            world.hub.list(Viewer::Operator, &Listing::of(DATASET), &PageRequest::default()).await.unwrap();
        assert!(all.items.is_empty());
    }

    async fn files_come_from_disk_and_go_back_to_it(kit: Kit) {
        let world = World::new(kit).await;
        let folder = tempfile::tempdir().unwrap();
        let weights = vec![7u8; 3000];
        std::fs::write(folder.path().join("w"), &weights).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link")).unwrap();
        let mut request =
            world.request(RepoKind::Model, "tiny", Visibility::Private, &[("config.json", "{}")]);
        request.files.push(("deep/er/model.safetensors".into(), Content::File(folder.path().join("w"))));
        let commit = world.hub.commit(request.clone()).await.unwrap();
        request.idempotency = "another".into();
        request.files.push(("link".into(), Content::File(folder.path().join("link"))));
        assert_eq!(
            world.hub.commit(request).await.unwrap_err().code,
            "commit_invalid",
            "links are not followed"
        );

        let viewer = Viewer::Org(world.acme.0.org);
        let out = folder.path().join("out");
        let wanted = world.hub.export(viewer, &commit.reference, &out, |entry| entry.large).await.unwrap();
        assert_eq!(paths(&wanted), ["deep/er/model.safetensors"]);
        assert_eq!(std::fs::read(out.join("deep/er/model.safetensors")).unwrap(), weights);
        assert!(!out.join("config.json").exists());

        let read = world.hub.read_small(viewer, &commit.reference, "config.json", 100).await.unwrap();
        assert_eq!(read, "{}");
        let long = world.hub.read_small(viewer, &commit.reference, "deep/er/model.safetensors", 100).await;
        assert_eq!(long.unwrap_err().code, "file_too_large");
    }

    async fn reads_are_on_somebodys_behalf(kit: Kit) {
        let world = World::new(kit).await;
        let private = world.commit(DATASET, "secret", Visibility::Private, &[("a", "x")]).await;
        let public = world.commit(DATASET, "open", Visibility::Public, &[("a", "x")]).await;
        for viewer in [Viewer::Anonymous, Viewer::Org(world.rival.0.org)] {
            let refused = world.hub.resolve_reference(viewer, &private.reference).await.unwrap_err();
            assert_eq!((refused.kind, refused.code), (Kind::NotFound, "repo_not_found"));
            assert!(world.hub.read_small(viewer, &private.reference, "a", 9).await.is_err());
            assert!(world.hub.read_small(viewer, &public.reference, "a", 9).await.is_ok());
            let seen = world.hub.list(viewer, &Listing::of(DATASET), &PageRequest::default()).await.unwrap();
            assert_eq!(seen.items.iter().map(|repo| repo.name.as_str()).collect::<Vec<_>>(), ["acme/open"]);
        }
        for viewer in [Viewer::Operator, Viewer::Org(world.acme.0.org)] {
            assert!(world.hub.resolve_reference(viewer, &private.reference).await.is_ok());
        }
        assert!(world.hub.resolve_reference(Viewer::Operator, "dataset:acme/open").await.is_err());
        assert!(world.hub.resolve_reference(Viewer::Operator, "model:acme/open@main").await.is_err());
    }
}
