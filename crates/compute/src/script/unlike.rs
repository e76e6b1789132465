//! Options that can't be honoured here, and what their users should know instead.

use super::{Given, Remark};

/// What to tell about an option that isn't honoured; nothing when leaving it out changes nothing.
pub(super) fn remark(given: &Given) -> Option<Remark> {
    let text = match given.name.as_str() {
        "output" | "error" if is_usual(&given.value) => return None,
        "output" | "error" => "both outputs go to the job's log; read it with “mosu job logs”",
        "export" if given.value.eq_ignore_ascii_case("none") => return None,
        "export" | "export-file" | "get-user-env" => {
            "the job sees a cleared environment; set what it needs in the script"
        }
        "chdir" => "the job starts in a folder of its own",
        "begin" => "a start can't be put off; it starts as soon as its turn comes",
        "time-min" => "the time limit isn't shortened to start earlier; it stays as asked",
        "qos" => "there are no service classes; the organisation's quota holds",
        "account" | "wckey" => "the token says who pays",
        "mail-type" | "mail-user" => "no mail is sent; “mosu job list” and the console tell",
        "exclusive" => "jobs share nodes; ask for all cores and devices of one instead",
        "nodelist" | "exclude" | "nodefile" | "batch" => {
            "nodes can't be named; name a cluster or device models"
        }
        "hold" => "a job can't be held back; it is queued at once",
        "wait" => "submit with --wait instead",
        "input" => "standard input is empty",
        "ntasks-per-gpu" | "ntasks-per-core" | "ntasks-per-socket" | "gpus-per-socket" | "tres-per-task" => {
            "give --ntasks, --cpus-per-task and --gpus-per-task instead"
        }
        "hint" | "threads-per-core" | "cores-per-socket" | "sockets-per-node" | "extra-node-info"
        | "mincpus" | "distribution" | "core-spec" | "thread-spec" | "mem-bind" | "tres-bind"
        | "gpu-bind" | "cpu-freq" | "gpu-freq" | "gres-flags" | "switches" | "contiguous" | "spread-job"
        | "use-min-nodes" => "where on a node a task lies can't be chosen",
        "tmp" => "scratch space can't be asked for; the folder in TMPDIR is as large as the disk allows",
        "reservation" | "licenses" | "bb" | "bbf" => "there is no such thing here to ask for",
        "container" | "container-id" => "containers can't be named here",
        "wrap" => "the script itself is run",
        "no-kill"
        | "kill-on-invalid-dep"
        | "open-mode"
        | "parsable"
        | "quiet"
        | "verbose"
        | "overcommit"
        | "oversubscribe"
        | "comment"
        | "ignore-pbs"
        | "wait-all-nodes" => return None,
        _ => "isn't honoured here",
    };
    Some(Remark { line: given.line, asked: given.asked(), text: text.to_owned() })
}

/// Names of log files that say nothing beyond “a file of its own for each job”.
fn is_usual(name: &str) -> bool {
    matches!(
        name,
        "slurm-%j.out" | "slurm-%A_%a.out" | "slurm-%j.err" | "slurm-%A_%a.err" | "slurm-%x-%j.out"
    )
}
