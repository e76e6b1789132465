//! Every page through its own address: for those who may see it, in both languages, and for those who may not.

mod world;

use world::World;

/// The most bytes of a page together with its style sheet, script and icon.
const MOST_BYTES: usize = 200 * 1024;

fn addresses(places: &world::Places) -> Vec<String> {
    let fixed = [
        "/",
        "/jobs",
        "/compute",
        "/compute/live",
        "/datasets",
        "/datasets/acme/notes",
        "/models",
        "/models/acme/tiny",
        "/leaderboard",
        "/ledger",
        "/vouchers",
        "/policies/model-voucher",
        "/policies/corpus-revenue-share",
        "/services",
        "/services/residency",
        "/services/compute-voucher",
        "/cases",
        "/sign-in",
        "/dev/gallery",
    ];
    let mut all: Vec<String> = fixed.map(str::to_owned).into();
    all.push(format!("/charges/{}", places.charge));
    all.extend(places.jobs.iter().flat_map(|id| [format!("/jobs/{id}"), format!("/jobs/{id}/live")]));
    all.push(format!("/cases/{}", places.case));
    all.push(format!("/cases/{}/claim", places.case));
    all
}

/// Writes a page to the folder that `MOSU_PAGES` names, to be looked at.
fn keep(name: &str, text: &str) {
    if let Ok(folder) = std::env::var("MOSU_PAGES") {
        std::fs::create_dir_all(format!("{folder}/assets")).unwrap();
        let assets = console::assets::assets();
        for address in [&assets.style, &assets.script, &assets.icon] {
            std::fs::write(format!("{folder}{address}"), assets.get(address).unwrap().1).unwrap();
        }
        let name = name.trim_matches('/').replace(['/', '?', '='], "-");
        std::fs::write(format!("{folder}/{name}.html"), text.replace("\"/assets/", "\"assets/")).unwrap();
    }
}

testkit::each_db! {
    async fn every_page_answers_in_both_languages(kit: Kit) {
        let world = World::new(kit).await;
        let places = world.happen().await;
        let assets = console::assets::assets();
        let shared: usize = [&assets.style, &assets.script, &assets.icon].iter().map(|a| assets.get(a).unwrap().1.len()).sum();
        for path in addresses(&places) {
            for (lang, tag) in [("en", "lang=\"en\""), ("zh", "lang=\"zh-CN\"")] {
                let reply = world.get(&format!("{path}?lang={lang}"), Some(&world.operator.1)).await;
                let text = reply.text();
                assert_eq!(reply.status, 200, "{path}: {text}");
                keep(&format!("{lang}-{path}"), &text);
                let fragment = path.ends_with("/live");
                assert!(fragment || text.contains(tag), "{path} is not in {lang}");
                assert!(text.len() + shared < MOST_BYTES, "{path} weighs {} bytes", text.len() + shared);
                assert!(!text.contains("<script>") && !text.contains(" style=") && !text.contains(" onclick="), "{path}");
                let policy = reply.headers["content-security-policy"].to_str().unwrap();
                assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
                assert_eq!(reply.headers["x-content-type-options"], "nosniff");
            }
        }
    }

    async fn pages_show_what_happened(kit: Kit) {
        let world = World::new(kit).await;
        let places = world.happen().await;
        let page = async |path: String| world.get(&format!("{path}?lang=en"), Some(&world.operator.1)).await.text();
        let charge = page(format!("/charges/{}", places.charge)).await;
        for part in ["beta paid acme CNY 10.00", "serde &lt;authors&gt;", "corpus-revenue-share", "CNY 0.60", "Where did this money go?"] {
            assert!(charge.contains(part), "the charge does not say “{part}”: {charge}");
        }
        let dataset = page("/datasets/acme/notes".into()).await;
        assert!(dataset.contains("almost the same as another") && dataset.contains("&#60;script&#62;alert(1)"), "{dataset}");
        let board = page("/leaderboard".into()).await;
        assert!(board.contains("acme/tiny is better than the baseline") && board.contains("2.100 [2.000, 2.200]"), "{board}");
        let home = page("/".into()).await;
        assert!(home.contains("2,500,000 tokens served") && home.contains("1 waiting, 0 failed"), "{home}");
        let case = page(format!("/cases/{}", places.case)).await;
        assert!(case.contains("train a small model") && case.contains("value=\"approve\""), "{case}");
        let ledger = page("/ledger".into()).await;
        assert!(ledger.contains("renminbi: sum of all balances") && ledger.contains("beta · balance"), "{ledger}");
    }

    async fn strangers_and_neighbours_see_nothing(kit: Kit) {
        let world = World::new(kit).await;
        let places = world.happen().await;
        for path in addresses(&places) {
            let public = ["/sign-in", "/services"].iter().any(|root| path.starts_with(root)) || path.ends_with("/claim");
            let reply = world.get(&path, None).await;
            assert_eq!(reply.status == 200, public, "{path} answers {} to a stranger", reply.status);
            assert!(public || reply.text().contains("action=\"/sign-in\""), "{path} does not ask to sign in");
        }
        for path in [format!("/jobs/{}", places.jobs[0]), format!("/cases/{}", places.case)] {
            assert_eq!(world.get(&path, Some(&world.beta.1)).await.status, 404, "{path} is acme's");
        }
        let beta = world.get("/jobs?lang=en", Some(&world.beta.1)).await.text();
        assert!(beta.contains("No job yet") && !beta.contains("tiny"), "{beta}");
        let case = world.get(&format!("/cases/{}?lang=en", places.case), Some(&world.acme.1)).await.text();
        assert!(!case.contains("value=\"approve\""), "an applicant can't decide");
    }

    async fn a_form_works_without_a_script_and_not_from_another_site(kit: Kit) {
        let world = World::new(kit).await;
        world.happen().await;
        let token = format!("token={}&next=%2Fjobs", world.acme.1);
        assert_eq!(world.post("/sign-in", "https://evil.example", "", &token).await.status, 403);
        let wrong = world.post("/sign-in", "http://localhost", "", "token=mosu_wrong").await;
        assert!(wrong.status == 401 && !wrong.text().contains("mosu_wrong"));
        let reply = world.post("/sign-in", "http://localhost", "", &token).await;
        assert_eq!((reply.status.as_u16(), &reply.headers["location"]), (303, &"/jobs".parse().unwrap()));
        let cookie = reply.headers["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        assert_eq!(world.get_with("/jobs", &cookie).await.status, 200);
        let dark = world.post("/preferences", "http://localhost", "", "theme=dark&back=%2F%2Fevil.example").await;
        assert_eq!(dark.headers["location"], "/");
        let out = world.post("/sign-out", "http://localhost", &cookie, "").await;
        assert_eq!(out.headers["location"], "/sign-in");
        assert_eq!(world.get_with("/jobs", &cookie).await.status, 401);
    }

    async fn applying_for_residency_keeps_what_was_typed(kit: Kit) {
        let world = World::new(kit).await;
        let reply = world.post("/services/residency", "http://localhost", "", "organisation=X%26Y").await;
        let text = reply.text();
        assert_eq!(reply.status, 400);
        assert!(text.contains("value=\"X&#38;Y\"") && text.contains("class=\"error\""), "{text}");
    }
}
