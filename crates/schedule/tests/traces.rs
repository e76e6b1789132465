//! Eight formats, read from small samples and played.

use schedule::{Format, Options, Policy, ReadOptions, Trace, simulate};

fn read(format: &str, text: &str) -> Trace {
    let options = ReadOptions { gpus: Some(16), ..ReadOptions::default() };
    Trace::read(format.parse().unwrap(), text.as_bytes(), &options).unwrap()
}

fn check(trace: &Trace, jobs: usize) {
    assert_eq!(trace.jobs.len(), jobs);
    for policy in ["default", "fifo", "easy", "srtf", "las"] {
        let simulation = simulate(trace, &Policy::named(policy).unwrap(), &Options::default()).unwrap();
        assert_eq!(simulation.summary.jobs as usize, jobs, "{policy}");
    }
}

#[test]
fn itp_philly_helios_and_acme() {
    let itp = read("itp", "job_id,submission_time,duration,num_gpu\na,100,50,16\nb,101,50,12\nc,102,0,1\n");
    assert_eq!((itp.skipped, itp.jobs[0].job.tasks, itp.jobs[1].job.shape.devices), (1, 2, 4));
    check(&itp, 2);
    let philly = "timestamp,duration,num_gpus,gpu_time,cluster\n2017-10-09 07:01:55,66.0,1,66.0,x\n2017-10-09 06:00:00,5.0,2,10.0,y\n";
    let philly = read("philly", philly);
    assert_eq!((philly.jobs[1].job.submitted, philly.world.tenants.len()), (3715, 2));
    check(&philly, 2);
    check(
        &read(
            "helios",
            "job_id,user,vc,jobname,gpu_num,cpu_num,state,submit_time,start_time,end_time,duration,queue\n1,u,v,n,4,24,COMPLETED,2020-04-01 00:00:00,2020-04-01 00:00:05,2020-04-01 00:10:05,600,5\n",
        ),
        1,
    );
    check(
        &read(
            "acme",
            "job_id,user,node_num,gpu_num,cpu_num,mem_per_pod_GB,shared_mem_per_pod,type,state,submit_time,start_time,end_time,fail_time,stop_time,duration,queue,gpu_time\nj,u,1,8,96,800,100,Other,COMPLETED,2023-03-01 00:05:21+08:00,2023-03-01 00:05:23+08:00,2023-03-01 00:07:42+08:00,None,None,139.0,2.0,1112.0\n",
        ),
        1,
    );
}

#[test]
fn pai_muri_and_swf() {
    let pai = read(
        "pai",
        "j1,tensorflow,2,Terminated,100,400,600,29.3,50,MISC\nj2,worker,1,Terminated,100.0,900.0,600,29.3,200,T4\nj3,ps,1,Running,100,,600,29,0,\n",
    );
    assert_eq!(
        (pai.jobs[0].job.tasks, pai.jobs[0].job.shape.milli, pai.jobs[1].job.shape.devices),
        (2, 500, 2)
    );
    check(&pai, 2);
    let muri = "job_id,num_gpu,submit_time,iterations,model_name,batch_size,duration,interval,iteration_time,resource_time_0,resource_time_1,resource_time_2,priority\n0,8,0,10956,gpt2,4,5095000,91000,437,0.6,419,49,0\n1,8,1534000,1463,vgg16,16,281000,28000,214,82,75,66,1\n";
    let muri = read("muri", muri);
    assert_eq!((muri.tick_seconds, muri.jobs[1].run), (Some(360), 281));
    check(&muri, 2);
    let swf = "; MaxProcs: 32\n; note\n1 0 10 100 20 -1 -1 20 300 -1 1 7 1 3 1 -1 -1 -1\n2 5 0 -1 4 -1 -1 4 60 -1 0 8 1 3 1 -1 -1 -1\n";
    let swf = Trace::read(Format::Swf, swf.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!((swf.world.nodes.len(), swf.skipped, swf.jobs[0].job.estimate), (2, 1, Some(300)));
    check(&swf, 1);
}

#[test]
fn openb_by_load_and_packed() {
    let nodes = "sn,cpu_milli,memory_mib,gpu,model\na,64000,262144,2,P100\nb,96000,262144,8,T4\n";
    let pods = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\np,4000,1000,1,500,\nq,4000,1000,1,1000,T4\nr,4000,1000,0,0,\n";
    let options = ReadOptions { nodes: Some(nodes.as_bytes()), ..ReadOptions::default() };
    let trace = Trace::read(Format::Openb, pods.as_bytes(), &options).unwrap();
    let play = Options { arrived_load: Some(1.3), seeds: 3, ..Options::default() };
    for policy in ["fgd", "fgd-paper", "bestfit"] {
        let summary = simulate(&trace, &Policy::named(policy).unwrap(), &play).unwrap().summary;
        assert!(summary.allocation_percent > 80.0 && summary.allocation_percent <= 100.0, "{summary:?}");
    }
    assert_eq!(
        Trace::read(Format::Openb, pods.as_bytes(), &ReadOptions::default()).unwrap_err().code,
        "trace_nodes"
    );
}

#[test]
fn bad_traces_say_where() {
    let read = |text: &[u8]| Trace::read(Format::Itp, text, &ReadOptions::default()).unwrap_err();
    assert!(read(b"job_id,submission_time,duration,num_gpu\na,soon,5,1\n").text.contains("line 2"));
    assert_eq!(read(b"nonsense\n").code, "trace_unreadable");
    assert_eq!(read(&[0x28, 0xb5, 0x2f, 0xfd, 1, 2]).code, "trace_unreadable");
    assert_eq!("xml".parse::<Format>().unwrap_err().code, "trace_format");
    assert_eq!(Policy::named("magic").unwrap_err().code, "policy_unknown");
}

#[test]
fn what_if_and_pictures() {
    let lines: String = (0..60).map(|at| format!("{at},{},3600,8\n", at * 10)).collect();
    let trace = read("itp", &format!("job_id,submission_time,duration,num_gpu\n{lines}"));
    let play = |options: &Options| simulate(&trace, &Policy::default(), options).unwrap();
    let (plain, double) =
        (play(&Options::default()), play(&Options { nodes_percent: Some(200), ..Options::default() }));
    assert!(double.summary.average_wait_seconds < plain.summary.average_wait_seconds / 1.5);
    assert!(plain.summary.energy_kwh > 0.0 && plain.summary.cost > 0.0);
    let svg = schedule::simulate::timeline(&plain.outcomes, 16);
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
}
