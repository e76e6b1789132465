//! The Hugging Face Hub protocol, through the routes as they are served.

mod support;

use axum::http::{Method, StatusCode};
use hub::{CommitRequest, Content, RepoKind, Visibility};
use serde_json::json;
use sha2::Digest;
use support::{World, header};
use testkit::Reply;

const FILES: [(&str, &str); 4] = [
    ("README.md", "# Notes\n"),
    ("data/train.jsonl", "0123456789"),
    ("data/deep/语 料.txt", "文"),
    ("database.txt", "x"),
];

async fn notes(world: &World) -> hub::Commit {
    world.commit(RepoKind::Dataset, "notes", Visibility::Public, &FILES).await
}

fn assert_refused(reply: &Reply, code: &str) {
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert_eq!(header(reply, "x-error-code"), code);
    assert!(!header(reply, "x-error-message").is_empty());
    if !reply.body.is_empty() {
        assert!(reply.json()["error"].is_string());
    }
}

testkit::each_db! {
    async fn a_file_comes_whole_or_in_part(kit: Kit) {
        let world = World::new(kit).await;
        let commit = notes(&world).await;
        let path = "/datasets/acme/notes/resolve/main/data/train.jsonl";
        let whole = world.get(path).await;
        assert_eq!((whole.status, &whole.body[..]), (StatusCode::OK, &b"0123456789"[..]));
        assert_eq!(header(&whole, "x-repo-commit"), commit.oid);
        assert_eq!(header(&whole, "content-length"), "10");
        assert_eq!(header(&whole, "accept-ranges"), "bytes");
        assert_eq!(header(&whole, "x-linked-etag"), "");
        assert!(header(&whole, "content-disposition").contains("filename=\"train.jsonl\""));
        // git hash-object of the ten digits
        assert_eq!(header(&whole, "etag"), "\"ad471007bd7f5983d273b9584e5629230150fd54\"");

        let head = world.send(Method::HEAD, path, &[], "").await;
        assert_eq!(
            (head.status, head.body.len(), header(&head, "content-length")),
            (StatusCode::OK, 0, "10")
        );
        assert_eq!(header(&head, "etag"), header(&whole, "etag"));

        for (range, body, told) in [
            ("bytes=2-4", "234", "bytes 2-4/10"),
            ("bytes=-3", "789", "bytes 7-9/10"),
            ("bytes=8-", "89", "bytes 8-9/10"),
        ] {
            let part = world.get_with(path, "range", range).await;
            assert_eq!((part.status, &part.body[..]), (StatusCode::PARTIAL_CONTENT, body.as_bytes()));
            assert_eq!(header(&part, "content-range"), told);
            assert_eq!(header(&part, "content-length"), body.len().to_string());
        }
        let beyond = world.get_with(path, "range", "bytes=10-").await;
        assert_eq!(
            (beyond.status, header(&beyond, "content-range")),
            (StatusCode::RANGE_NOT_SATISFIABLE, "bytes */10")
        );

        let known = world.get_with(path, "if-none-match", header(&whole, "etag")).await;
        assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
        let stale =
            world.send(Method::GET, path, &[("range", "bytes=2-4"), ("if-range", "\"other\"")], "").await;
        assert_eq!((stale.status, stale.body.len()), (StatusCode::OK, 10));
    }

    async fn a_large_file_is_known_by_its_sha256(kit: Kit) {
        let world = World::new(kit).await;
        let content = vec![1u8; 70_000];
        let sha256 = hex::encode(sha2::Sha256::digest(&content));
        let mut request: CommitRequest =
            world.request(RepoKind::Model, "tiny", Visibility::Public, &[("config.json", "{}")]);
        request.files.push(("model.safetensors".into(), Content::Bytes(content.clone().into())));
        world.hub.commit(request).await.unwrap();
        let file = world.get("/acme/tiny/resolve/main/model.safetensors").await;
        assert_eq!((file.status, file.body.len()), (StatusCode::OK, content.len()));
        assert_eq!(header(&file, "x-linked-etag"), format!("\"{sha256}\""));
        assert_eq!(header(&file, "x-linked-size"), "70000");
        let tree = world.get("/api/models/acme/tiny/tree/main").await.json();
        assert_eq!(tree[1]["lfs"], json!({"oid": sha256, "size": 70000, "pointerSize": 130}));
        assert!(tree[0].get("lfs").is_none());
        let info = world.get("/api/models/acme/tiny?blobs=true").await.json();
        assert_eq!(info["siblings"][1]["lfs"]["sha256"], sha256);
        assert_eq!(info["modelId"], "acme/tiny");
    }

    async fn revisions_and_names_are_percent_decoded(kit: Kit) {
        let world = World::new(kit).await;
        let first = notes(&world).await;
        world.commit(RepoKind::Dataset, "notes", Visibility::Public, &[("README.md", "# Changed\n")]).await;
        let name = "data/deep/%E8%AF%AD%20%E6%96%99.txt";
        for revision in ["main", "refs%2Fheads%2Fmain", first.oid.as_str()] {
            let file = world.get(&format!("/datasets/acme/notes/resolve/{revision}/{name}")).await;
            assert_eq!((file.status, &file.body[..]), (StatusCode::OK, "文".as_bytes()), "{revision}");
        }
        let old = world.get(&format!("/datasets/acme/notes/resolve/{}/README.md", first.oid)).await;
        assert_eq!(&old.body[..], b"# Notes\n");
        let wrong = world.get("/datasets/acme/notes/resolve/main/%FF").await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        assert!(wrong.json()["error"].as_str().unwrap().contains("UTF-8"));
        let outside = world.get("/datasets/acme/notes/resolve/main/%2E%2E/%2E%2E/%2E%2E/etc/passwd").await;
        assert_refused(&outside, "EntryNotFound");
    }

    async fn what_is_missing_is_told_apart(kit: Kit) {
        let world = World::new(kit).await;
        let commit = notes(&world).await;
        let entry = world.get("/datasets/acme/notes/resolve/main/nothing.py").await;
        assert_refused(&entry, "EntryNotFound");
        assert_eq!(header(&entry, "x-repo-commit"), commit.oid);
        let head = world.send(Method::HEAD, "/datasets/acme/notes/resolve/main/nothing.py", &[], "").await;
        assert_refused(&head, "EntryNotFound");
        assert_refused(&world.get("/datasets/acme/notes/resolve/dev/README.md").await, "RevisionNotFound");
        assert_refused(&world.get("/api/datasets/acme/notes/revision/dev").await, "RevisionNotFound");
        assert_refused(&world.get("/api/datasets/acme/nothing").await, "RepoNotFound");
        assert_refused(&world.get("/acme/notes/resolve/main/README.md").await, "RepoNotFound");
        let folder = world.get("/api/datasets/acme/notes/tree/main/dat").await;
        assert_refused(&folder, "EntryNotFound");
        assert_eq!(header(&folder, "x-repo-commit"), commit.oid);
    }

    async fn a_private_repository_is_not_there_for_others(kit: Kit) {
        let world = World::new(kit).await;
        let commit = world.commit(RepoKind::Dataset, "secret", Visibility::Private, &FILES).await;
        let oid = &commit.oid;
        let one = "/api/datasets/acme/secret";
        let addresses = [
            one.to_owned(),
            format!("{one}/revision/main"),
            format!("{one}/refs"),
            format!("{one}/commits/main"),
            format!("{one}/auth-check"),
            format!("{one}/tree/main"),
            format!("{one}/tree/{oid}/data"),
            "/datasets/acme/secret/resolve/main/README.md".to_owned(),
            format!("/datasets/acme/secret/resolve/{oid}/README.md"),
        ];
        for address in &addresses {
            assert_refused(&world.get(address).await, "RepoNotFound");
            assert_refused(&world.get_as(&world.rival, address).await, "RepoNotFound");
            assert_refused(
                &world.get_with(address, "authorization", "Bearer mosu_wrong").await,
                "RepoNotFound",
            );
            assert_eq!(world.get_as(&world.acme, address).await.status, StatusCode::OK, "{address}");
            assert_eq!(world.get_as(&world.operator, address).await.status, StatusCode::OK, "{address}");
        }
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let paths =
            world.send(Method::POST, &format!("{one}/paths-info/main"), &form, "paths=README.md").await;
        assert_refused(&paths, "RepoNotFound");
        assert_eq!(world.get("/api/datasets").await.json(), json!([]));
        assert_eq!(world.get_as(&world.rival, "/api/datasets?search=secret").await.json(), json!([]));
        assert_eq!(world.get_as(&world.acme, "/api/datasets").await.json()[0]["private"], true);
    }

    async fn trees_come_in_pages_and_by_path(kit: Kit) {
        let world = World::new(kit).await;
        let commit = notes(&world).await;
        let root = world.get("/api/datasets/acme/notes/tree/main").await.json();
        let listed: Vec<_> =
            root.as_array().unwrap().iter().map(|node| (&node["type"], &node["path"])).collect();
        assert_eq!(
            json!(listed),
            json!([["file", "README.md"], ["directory", "data"], ["file", "database.txt"]])
        );

        let (mut seen, mut address) =
            (Vec::new(), "/api/datasets/acme/notes/tree/main?recursive=true&limit=2".to_owned());
        for _ in 0..10 {
            let page = world.get(&address).await;
            assert_eq!(header(&page, "x-repo-commit"), commit.oid);
            seen.extend(
                page.json().as_array().unwrap().iter().map(|node| node["path"].as_str().unwrap().to_owned()),
            );
            match header(&page, "link")
                .strip_prefix("<http://hub.test")
                .and_then(|rest| rest.strip_suffix(">; rel=\"next\""))
            {
                Some(next) => address = next.to_owned(),
                None => break,
            }
        }
        let all =
            ["README.md", "data", "data/deep", "data/deep/语 料.txt", "data/train.jsonl", "database.txt"];
        assert_eq!(seen, all);
        assert_eq!(
            world.get("/api/datasets/acme/notes/tree/main?cursor=zz").await.status,
            StatusCode::BAD_REQUEST
        );
        assert_eq!(
            world.get("/api/datasets/acme/notes/tree/main?limit=0").await.status,
            StatusCode::BAD_REQUEST
        );

        let form = [("content-type", "application/x-www-form-urlencoded")];
        let body = "paths=data&paths=data%2Ftrain.jsonl&paths=none&expand=False";
        let known =
            world.send(Method::POST, "/api/datasets/acme/notes/paths-info/main", &form, body).await.json();
        assert_eq!(known[0]["type"], "directory");
        assert_eq!(
            (known[1]["path"].as_str(), known[1]["size"].as_i64(), known[2].is_null()),
            (Some("data/train.jsonl"), Some(10), true)
        );
        let wrong = world.send(Method::POST, "/api/datasets/acme/notes/paths-info/main", &[], "{}").await;
        assert_eq!((wrong.status, header(&wrong, "x-error-code")), (StatusCode::BAD_REQUEST, "form_invalid"));
    }

    async fn repositories_are_described_and_listed(kit: Kit) {
        let world = World::new(kit).await;
        let first = notes(&world).await;
        let second = world.commit(RepoKind::Dataset, "notes", Visibility::Public, &[("a", "x")]).await;
        for n in 0..3 {
            world.commit(RepoKind::Dataset, &format!("more{n}"), Visibility::Public, &[("a", "x")]).await;
        }
        let info = world.get("/api/datasets/acme/notes").await.json();
        assert_eq!(info["sha"], second.oid);
        assert_eq!(
            (&info["id"], &info["author"], &info["private"]),
            (&json!("acme/notes"), &json!("acme"), &json!(false))
        );
        assert_eq!(info["siblings"][0], json!({"rfilename": "README.md"}));
        let old = world.get(&format!("/api/datasets/acme/notes/revision/{}", first.oid)).await.json();
        assert_eq!((&old["sha"], old["siblings"].as_array().unwrap().len()), (&json!(first.oid), 4));
        let refs = world.get("/api/datasets/acme/notes/refs").await.json();
        assert_eq!(
            refs["branches"],
            json!([{"name": "main", "ref": "refs/heads/main", "targetCommit": second.oid}])
        );
        let history = world.get("/api/datasets/acme/notes/commits/main?limit=1").await;
        assert_eq!(history.json()[0]["id"], second.oid);
        assert_eq!(
            (&history.json()[0]["title"], &history.json()[0]["message"]),
            (&json!("A change"), &json!("with more to say"))
        );
        assert!(header(&history, "link").contains("cursor=2"));

        let names = |reply: Reply| -> Vec<String> {
            reply
                .json()
                .as_array()
                .unwrap()
                .iter()
                .map(|repo| repo["id"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(names(world.get("/api/datasets?search=NOTE&author=acme").await), ["acme/notes"]);
        assert!(names(world.get("/api/datasets?author=acm").await).is_empty());
        assert!(
            names(world.get("/api/datasets?search=%25").await).is_empty(),
            "a wildcard is a character like others"
        );
        assert!(names(world.get("/api/models").await).is_empty());
        let page = world.get("/api/datasets?search=more&limit=2").await;
        let next = header(&page, "link")
            .strip_prefix("<http://hub.test")
            .unwrap()
            .split('>')
            .next()
            .unwrap()
            .to_owned();
        let mut all = names(page);
        all.extend(names(world.get(&next).await));
        all.sort();
        assert_eq!(all, ["acme/more0", "acme/more1", "acme/more2"]);
    }

    async fn a_token_tells_who_one_is(kit: Kit) {
        let world = World::new(kit).await;
        let me = world.get_as(&world.acme, "/api/whoami-v2").await.json();
        assert_eq!((&me["name"], &me["type"]), (&json!("acme"), &json!("user")));
        assert_eq!(me["auth"]["accessToken"]["role"], "write");
        assert_eq!(world.get("/api/whoami-v2").await.status, StatusCode::UNAUTHORIZED);
        let wrong = world.get_with("/api/whoami-v2", "authorization", "Bearer mosu_wrong").await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
        assert!(wrong.json()["error"].is_string());
    }
}
