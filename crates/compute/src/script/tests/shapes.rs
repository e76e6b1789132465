//! Nodes, tasks, cores, memory and devices become equal tasks.

use super::{script, told};

/// `(tasks, cpus, MiB, devices)` of each task.
fn shape(line: &str) -> (i64, i64, i64, i64) {
    let need =
        script(&[line, "-t 10"]).unwrap_or_else(|error| panic!("{line}: {error}")).submission.resources;
    (need.tasks, need.cpus, need.memory_mib, need.devices)
}

#[test]
fn tasks_are_the_scripts_tasks_unless_one_node_holds_them() {
    let shapes = [
        ("-n 8", (8, 1, 1024, 0)),
        ("-n 8 -c 4 --mem-per-cpu=2G", (8, 4, 8192, 0)),
        ("-N 4", (4, 1, 1024, 0)),
        ("-N 2-4 --ntasks-per-node=3", (6, 1, 1024, 0)),
        ("-N 1 -n 8 -c 2", (1, 16, 16_384, 0)),
        ("-N 1 --ntasks-per-node=8 --mem=64G", (1, 8, 65_536, 0)),
        ("-n 8 --ntasks-per-node=8", (1, 8, 8192, 0)),
        ("-N 8 -n 4", (4, 1, 1024, 0)),
        ("-N 2 --mem=16G", (2, 1, 16_384, 0)),
        ("-N 2 --ntasks-per-node=4 --mem=16G", (8, 1, 4096, 0)),
    ];
    for (line, wanted) in shapes {
        assert_eq!(shape(line), wanted, "{line}");
    }
}

#[test]
fn devices_are_given_to_tasks() {
    let shapes = [
        ("--gpus=2", (1, 1, 16_384, 2)),
        ("-G a100:1", (1, 1, 8192, 1)),
        ("--gres=gpu:4 -c 16 --mem=100G", (1, 16, 102_400, 4)),
        ("--nodes 4 --gpus-per-node 8", (4, 1, 65_536, 8)),
        ("-N 2 --ntasks-per-node=8 --gpus-per-node=8", (16, 1, 8192, 1)),
        ("-N 2 -G 16", (2, 1, 65_536, 8)),
        ("-n 4 --gpus-per-task=2 --cpus-per-gpu=6", (4, 12, 16_384, 2)),
        ("-G 8 --gpus-per-task=2", (4, 1, 16_384, 2)),
        ("-n 4 -G 1 -c 2", (1, 8, 8192, 1)),
        ("-N 2 --ntasks-per-node=4 --gpus-per-node=2 -c 2", (2, 8, 16_384, 2)),
        ("-N 1 -n 8 --gpus-per-task=1", (1, 8, 65_536, 8)),
        ("-G 2 --mem-per-gpu=40G", (1, 1, 81_920, 2)),
    ];
    for (line, wanted) in shapes {
        assert_eq!(shape(line), wanted, "{line}");
    }
    assert!(script(&["-N 2 -n 3 -G 4"]).unwrap_err().to_string().contains("--ntasks-per-node"));
}

#[test]
fn models_come_with_devices_or_as_a_constraint() {
    let models = |line: &str| script(&[line]).unwrap().submission.scheduling.device_models;
    assert_eq!(models("--gres=gpu:a100:2"), ["a100"]);
    assert_eq!(models("-G 2 -C 'a100|h100'"), ["a100", "h100"]);
    assert_eq!(models("-G h100:2 -C a100"), ["h100"]);
    assert!(models("-C a100").is_empty());
    assert!(told(&script(&["-C a100"]).unwrap()).contains("no devices are asked for"));
    assert!(told(&script(&["-C 'a&b' -G 1"]).unwrap()).contains("only names of device models"));
}

#[test]
fn regrouping_is_told() {
    let read = script(&["-N 1 -n 8"]).unwrap();
    assert!(told(&read).contains("one part with the cores and devices of 8 tasks"), "{}", told(&read));
    assert!(told(&script(&["-n 4 --mem=8G"]).unwrap()).contains("4 tasks share it, 2048 MiB each"));
    assert!(told(&script(&["-t 0"]).unwrap()).contains("30 days"));
}
