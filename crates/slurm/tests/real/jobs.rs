//! Jobs from submission to account.

use crate::room::{Room, enter, job_when, name, text_of};
use kernel::Kind;
use slurm::{Exit, JobState, NodeState, Submission};

#[tokio::test]
async fn a_gang_runs_once_on_exactly_its_nodes_with_its_devices() {
    let Some(room) = enter().await else { return };
    for (way, slurm) in &room.ways {
        let name = name("gang");
        let mut request = room.request(&name, &["n2", "n4"], "env; echo \"in $PWD\"; sleep 1; exit 3");
        request.cpus_per_task = 2;
        request.gres = Room::gpus(2);
        request.comment = "for acme, 100%".into();
        request.environment.push(("WORDS".into(), "a, b=c \"d\" $e".into()));
        let id = slurm.submit(&request).await.id().unwrap_or_else(|| panic!("{way} took it"));
        let job = job_when(slurm, &name, |job| job.state.is_over()).await;
        assert_eq!((job.id, &job.state), (id, &JobState::Failed), "{way}");
        assert_eq!(job.exit, Some(Exit { code: 3, signal: None }), "{way}");
        assert_eq!((job.nodes.join(" ").as_str(), job.cpus), ("n2 n4", 4), "{way}");
        assert_eq!(job.gres.iter().map(|gres| gres.count).sum::<u64>(), 4, "{way}: {:?}", job.gres);
        let (start, end) = (job.started.expect("a start"), job.ended.expect("an end"));
        assert!(
            job.submitted.is_some_and(|at| at <= start) && (1..60).contains(&(end - start)),
            "{way}: {job:?}"
        );
        let said = text_of(&request.output).await;
        for line in
            ["WORDS=a, b=c \"d\" $e", "SLURM_GPUS_ON_NODE=2", &format!("in {}", room.work.path().display())]
        {
            assert!(said.lines().any(|said| said == line), "{way} lacks {line}: {said}");
        }
        assert!(!said.contains("MOSU_TEST_SLURM"), "{way} hands on our own variables");
        let record = room.ask("scontrol", &["show", "job", &id.to_string(), "--oneliner"]);
        assert!(record.contains("Requeue=0") && record.contains("TimeLimit=00:01:00"), "{way}: {record}");
        assert!(record.contains("Comment=for acme, 100%"), "{way}: {record}");
    }
}

#[tokio::test]
async fn a_job_is_cancelled_and_may_be_cancelled_again() {
    let Some(room) = enter().await else { return };
    for (way, slurm) in &room.ways {
        let name = name("cancel");
        let id = slurm.submit(&room.request(&name, &["n1"], "sleep 60")).await.id().expect("a number");
        let running = job_when(slurm, &name, |job| job.state == JobState::Running).await;
        assert!(running.started.is_some() && running.ended.is_none() && running.exit.is_none(), "{way}");
        slurm.cancel(&[id]).await.unwrap_or_else(|error| panic!("{way}: {error}"));
        let job = job_when(slurm, &name, |job| job.state.is_over()).await;
        assert_eq!(job.state, JobState::Cancelled, "{way}");
        slurm.cancel(&[id, 60_000_000]).await.unwrap_or_else(|error| panic!("{way}, again: {error}"));
    }
}

#[tokio::test]
async fn what_slurm_refuses_comes_back_with_its_words_and_runs_nowhere() {
    let Some(room) = enter().await else { return };
    for (way, slurm) in &room.ways {
        let name = name("refused");
        let plain = room.request(&name, &["n1"], "true");
        let mut partition = plain.clone();
        partition.partition = Some("nowhere".into());
        let mut memory = plain.clone();
        memory.memory_mib = 8_000_000;
        let mut node = plain.clone();
        node.nodes = vec!["n77".into()];
        let cases =
            [(partition, "partition"), (memory, "configuration is not available"), (node, "node name")];
        for (request, words) in cases {
            let Submission::Refused(error) = slurm.submit(&request).await else {
                panic!("{way} takes {words}")
            };
            assert!(error.kind == Kind::Invalid && error.text.contains(words), "{way}: {error}");
        }
        let jobs = slurm.find(&[name]).await.expect("an answer");
        assert!(
            jobs.iter().all(|job| job.state == JobState::Failed && job.nodes.is_empty()),
            "{way}: {jobs:?}"
        );
    }
}

#[tokio::test]
async fn a_token_that_ended_refuses_no_job_for_good_and_loses_none() {
    let Some(room) = enter().await else { return };
    let name = name("stranger");
    let token = room.work.path().join("token");
    std::fs::copy(room.folder.join("token"), &token).expect("a copy");
    let slurm = room.with_token(&token).await;
    std::fs::write(&token, "ended").expect("another token");
    let mut request = room.request(&name, &["n1"], "true");
    let end = slurm.submit(&request).await;
    assert!(matches!(end, Submission::Unsure(_) | Submission::Unavailable(_)), "{end:?}");
    let error = slurm.find(std::slice::from_ref(&name)).await.expect_err("nobody we know");
    assert!(matches!(error.kind, Kind::Unavailable | Kind::Denied), "{error}");
    std::fs::copy(room.folder.join("token"), &token).expect("the token again");
    assert!(slurm.find(&[name]).await.expect("an answer").is_empty());
    request.environment.clear();
    assert!(slurm.submit(&request).await.id().is_some());
}

#[tokio::test]
async fn all_ways_tell_the_same() {
    let Some(room) = enter().await else { return };
    let (_, first) = &room.ways[0];
    let prefix = name("many");
    let requests: Vec<_> = (0..24)
        .map(|n| {
            room.request(&format!("{prefix}-{n}"), &[["n1", "n2", "n3", "n4"][n % 4]], "exit $((RANDOM % 2))")
        })
        .collect();
    for taken in first.submit_all(&requests).await {
        assert!(taken.id().is_some(), "{taken:?}");
    }
    for request in &requests {
        job_when(first, &request.name, |job| job.state.is_over()).await;
    }
    let expected = first.jobs(&prefix).await.expect("all of them");
    assert_eq!(expected.len(), requests.len());
    let nodes = first.nodes().await.expect("the nodes");
    for (way, slurm) in &room.ways {
        let mut jobs = slurm.jobs(&prefix).await.expect("all of them");
        jobs.sort_by_key(|job| expected.iter().position(|other| other.id == job.id));
        assert_eq!(jobs, expected, "{way}");
        assert_eq!(slurm.nodes().await.expect("the nodes"), nodes, "{way}");
    }
}

#[tokio::test]
async fn accounts_are_those_of_sacct_to_the_second() {
    let Some(room) = enter().await else { return };
    let (_, first) = &room.ways[0];
    let other = name("other");
    let name = name("account");
    let names = [other, name.clone()];
    let mut request = room.request(&name, &["n1", "n3"], "sleep 2; kill -9 $$");
    request.gres = Room::gpus(1);
    let id = first.submit(&request).await.id().expect("a number");
    let job = job_when(first, &name, |job| job.state.is_over()).await;
    if !room.facts.accounting {
        for (way, slurm) in &room.ways {
            assert_eq!(slurm.accounting(&names, 0).await.expect("an answer"), None, "{way}");
        }
        return;
    }
    // The controller tells the database after it told us.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let fields = "--format=Start,End,ElapsedRaw,NCPUS,AllocTRES";
    let told = room.ask("sacct", &["-n", "-P", "-X", "-j", &id.to_string(), fields]);
    let told: Vec<&str> = told.trim().split('|').collect();
    assert!(told[4].contains("gres/gpu=2"), "{told:?}");
    let since = job.submitted.expect("a moment");
    for (way, slurm) in &room.ways {
        let accounts = slurm.accounting(&names, since).await.expect("an answer").expect("a database");
        let [account] = &accounts[..] else { panic!("{way}: {accounts:?}") };
        let (start, end) = (account.started.expect("a start"), account.ended.expect("an end"));
        assert_eq!([start, end, end - start].map(|n| n.to_string())[..], told[..3], "{way}");
        assert_eq!((account.id, account.cpus.to_string().as_str()), (id, told[3]), "{way}");
        assert_eq!((account.gres[0].name.as_str(), account.gres[0].count), ("gpu", 2), "{way}");
        assert_eq!((&account.state, account.nodes.join(" ").as_str()), (&JobState::Failed, "n1 n3"), "{way}");
        assert_eq!(account.exit, Some(Exit { code: 0, signal: Some(9) }), "{way}");
        assert_eq!((account.started, account.ended), (job.started, job.ended), "{way}");
        let later = slurm.accounting(&names, end + 3600).await.expect("an answer");
        assert_eq!(later, Some(Vec::new()), "{way}");
    }
}

#[tokio::test]
async fn a_job_that_gave_way_is_preempted_and_not_queued_again() {
    let Some(room) = enter().await else { return };
    for (way, slurm) in &room.ways {
        let (low, high) = (name("low"), name("high"));
        let mut request = room.request(&low, &["n3"], "sleep 60");
        request.partition = Some("spot".into());
        request.cpus_per_task = 8;
        assert!(slurm.submit(&request).await.id().is_some(), "{way}");
        job_when(slurm, &low, |job| job.state == JobState::Running).await;
        request = room.request(&high, &["n3"], "true");
        request.partition = Some("main".into());
        assert!(slurm.submit(&request).await.id().is_some(), "{way}");
        let job = job_when(slurm, &low, |job| job.state.is_over()).await;
        assert_eq!(job.state, JobState::Preempted, "{way}");
        job_when(slurm, &high, |job| job.state == JobState::Completed).await;
    }
}

#[tokio::test]
async fn a_node_that_an_operator_drains_is_drained_with_the_reason() {
    let Some(room) = enter().await else { return };
    room.ask("scontrol", &["update", "node=n4", "state=drain", "reason=the fan is loud"]);
    for (way, slurm) in &room.ways {
        let nodes = slurm.nodes().await.expect("the nodes");
        let node = nodes.iter().find(|node| node.name == "n4").expect("n4");
        assert_eq!((&node.state, node.reason.as_str()), (&NodeState::Drained, "the fan is loud"), "{way}");
        assert_eq!(
            (node.cpus, node.memory_mib, node.gres[0].to_string().as_str()),
            (8, 8000, "gpu:a100:4"),
            "{way}"
        );
        assert!(nodes.iter().filter(|node| node.state == NodeState::Up).count() == 3, "{way}: {nodes:?}");
        assert_eq!(node.partitions, ["main", "spot"], "{way}");
    }
    room.ask("scontrol", &["update", "node=n4", "state=resume"]);
}
