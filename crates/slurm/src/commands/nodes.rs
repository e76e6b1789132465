//! What `scontrol show node --oneliner --details` says.

use crate::{
    NodeInfo,
    failure::{Class, Failure},
    state, tres,
};

/// One node a line.
pub fn scontrol(output: &[u8]) -> Result<Vec<NodeInfo>, Failure> {
    let text = String::from_utf8_lossy(output);
    text.lines().filter(|line| line.starts_with("NodeName=")).map(node).collect()
}

fn node(line: &str) -> Result<NodeInfo, Failure> {
    let number = |key: &str| field(line, key).and_then(|text| text.parse::<u64>().ok());
    let need = |key: &str| {
        let missing = format!("a node without {key}: {line}");
        number(key).ok_or_else(|| Failure::new(Class::Unreadable, missing))
    };
    let processors = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let text = |key| field(line, key).unwrap_or_default();
    Ok(NodeInfo {
        name: text("NodeName").to_owned(),
        state: state::node([text("State")]),
        reason: reason(line),
        cpus: processors(number("CPUEfctv").map_or_else(|| need("CPUTot"), Ok)?),
        cpus_used: processors(number("CPUAlloc").unwrap_or(0)),
        memory_mib: need("RealMemory")?,
        memory_used_mib: number("AllocMem").unwrap_or(0),
        gres: tres::gres(text("Gres")),
        gres_used: tres::gres(text("GresUsed")),
        partitions: text("Partitions")
            .split(',')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}

/// The word after the first `KEY=`. Free text, which might contain such a thing, comes last on the line.
fn field<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
}

/// The free text at the line's end, without Slurm's `[WHO@WHEN]` behind it.
fn reason(line: &str) -> String {
    let text = line.split_once(" Reason=").map_or("", |(_, text)| text).trim();
    text.rsplit_once(" [").map_or(text, |(text, _)| text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NodeState;
    use proptest::prelude::*;

    const LINE: &str = "NodeName=n1 Arch=x86_64 CoresPerSocket=32  CPUAlloc=4 CPUEfctv=62 CPUTot=64 CPULoad=0.57 \
        AvailableFeatures=(null) ActiveFeatures=(null) Gres=gpu:a100:8 GresDrain=N/A GresUsed=gpu:a100:2(IDX:0-1) \
        NodeAddr=10.0.0.1 NodeHostName=n1 Version=22.05.8 OS=Linux 6.1.0 #1 SMP  RealMemory=64000 AllocMem=1000 \
        FreeMem=20316 Sockets=2 Boards=1 State=MIXED+DRAIN ThreadsPerCore=1 TmpDisk=0 Weight=1 Owner=N/A \
        MCS_label=N/A Partitions=main,spot  BootTime=1 SlurmdStartTime=2 CfgTRES=cpu=64,mem=62.50G AllocTRES=cpu=4 \
        Reason=fan State=IDLE loud [root@1795316931]";

    #[test]
    fn a_node_is_read_from_its_line() {
        let nodes = scontrol(format!("{LINE}\n").as_bytes()).unwrap();
        let [node] = &nodes[..] else { panic!("{nodes:?}") };
        assert_eq!((node.name.as_str(), &node.state), ("n1", &NodeState::Drained));
        assert_eq!(node.reason, "fan State=IDLE loud");
        assert_eq!((node.cpus, node.cpus_used, node.memory_mib, node.memory_used_mib), (62, 4, 64_000, 1000));
        assert_eq!(
            (node.gres[0].to_string(), node.gres_used[0].to_string()),
            ("gpu:a100:8".into(), "gpu:a100:2".into())
        );
        assert_eq!(node.partitions, ["main", "spot"]);
    }

    #[test]
    fn a_node_without_processors_is_an_error() {
        assert!(scontrol(b"NodeName=n1 State=IDLE").is_err());
        assert!(scontrol(b"No nodes in the system").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(rest in "\\PC{0,120}") {
            let _ = scontrol(format!("NodeName={rest}").as_bytes());
        }
    }
}
