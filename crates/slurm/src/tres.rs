//! Slurm's texts for what a node has or a job holds: `cpu=8,mem=62.50G,gres/gpu:a100=4` and `gpu:a100:8(S:0-1)`.

use crate::Gres;

/// The most entries that are read of one text. Real ones have a handful.
const MAX_ENTRIES: usize = 256;

/// What a text of trackable resources counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tres {
    pub cpus: Option<u32>,
    pub memory_mib: Option<u64>,
    pub gres: Vec<Gres>,
}

/// Reads `cpu=8,mem=62.50G,node=2,gres/gpu=4,gres/gpu:a100=4`. What it doesn't know it leaves out.
pub(crate) fn read(text: &str) -> Tres {
    let mut tres = Tres::default();
    for (name, value) in text.split(',').take(MAX_ENTRIES).filter_map(|entry| entry.split_once('=')) {
        match name {
            "cpu" => tres.cpus = value.parse().ok(),
            "mem" => tres.memory_mib = memory(value),
            _ => {
                if let (Some(sort), Ok(count)) = (name.strip_prefix("gres/"), value.parse()) {
                    let (name, model) = sort.split_once(':').map_or((sort, None), |(n, m)| (n, Some(m)));
                    tres.gres.push(Gres { name: name.into(), model: model.map(str::to_owned), count });
                }
            }
        }
    }
    tres.gres = without_sums(tres.gres);
    tres
}

/// Where a sort is counted by model, drops the entry that sums up the models, or keeps of it what no model has.
pub(crate) fn without_sums(mut gres: Vec<Gres>) -> Vec<Gres> {
    let of_models = gres.clone();
    for sum in gres.iter_mut().filter(|entry| entry.model.is_none()) {
        let same = of_models.iter().filter(|entry| entry.model.is_some() && entry.name == sum.name);
        sum.count = sum.count.saturating_sub(same.fold(0, |all, entry| all.saturating_add(entry.count)));
    }
    gres.retain(|entry| entry.count > 0);
    gres.sort();
    gres
}

/// Reads `gpu:a100:8(S:0-1),shard:4`, with or without `gres:` or `gres/` before each.
pub(crate) fn gres(text: &str) -> Vec<Gres> {
    let mut found: Vec<Gres> = Vec::new();
    for entry in entries(text) {
        let entry = entry.strip_prefix("gres:").or(entry.strip_prefix("gres/")).unwrap_or(entry);
        let parts: Vec<&str> = entry.split(':').collect();
        let (name, model, count) = match parts[..] {
            [name, model, count] => (name, Some(model), count),
            [name, count] => (name, None, count),
            _ => continue,
        };
        let Some(count) = scaled(count).filter(|count| *count > 0) else { continue };
        let model = model.filter(|model| !model.is_empty() && *model != "(null)").map(str::to_owned);
        match found.iter_mut().find(|known| known.name == name && known.model == model) {
            Some(known) => known.count = known.count.saturating_add(count),
            None => found.push(Gres { name: name.into(), model, count }),
        }
    }
    found.sort();
    found
}

/// The entries without what stands in parentheses, which has commas of its own.
fn entries(text: &str) -> Vec<&str> {
    let (mut entries, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                entries.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    entries.push(&text[start..]);
    entries.into_iter().take(MAX_ENTRIES).map(|entry| entry.split('(').next().unwrap_or_default()).collect()
}

/// A count that may end in K or M.
fn scaled(text: &str) -> Option<u64> {
    let (digits, factor) = match text.as_bytes().last()? {
        b'K' | b'k' => (&text[..text.len() - 1], 1 << 10),
        b'M' | b'm' => (&text[..text.len() - 1], 1 << 20),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// An amount of memory such as `62.50G` or `1000M`, in MiB.
fn memory(text: &str) -> Option<u64> {
    let (digits, mib) = match text.as_bytes().last()? {
        b'K' => (&text[..text.len() - 1], 1.0 / 1024.0),
        b'M' => (&text[..text.len() - 1], 1.0),
        b'G' => (&text[..text.len() - 1], 1024.0),
        b'T' => (&text[..text.len() - 1], 1024.0 * 1024.0),
        b'P' => (&text[..text.len() - 1], 1024.0 * 1024.0 * 1024.0),
        _ => (text, 1.0),
    };
    let amount: f64 = digits.parse().ok()?;
    (amount.is_finite() && amount >= 0.0).then(|| (amount * mib).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(gres: &[Gres]) -> String {
        gres.iter().map(Gres::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn resources_are_read_as_slurm_writes_them() {
        let tres = read("cpu=8,mem=62.50G,node=2,billing=8,gres/gpu=4");
        assert_eq!((tres.cpus, tres.memory_mib), (Some(8), Some(64_000)));
        assert_eq!(shown(&tres.gres), "gpu:4");
        assert_eq!(shown(&read("gres/gpu=6,gres/gpu:a100=4,gres/gpu:h100=2").gres), "gpu:a100:4 gpu:h100:2");
        assert_eq!(shown(&read("gres/gpu=6,gres/gpu:a100=4").gres), "gpu:2 gpu:a100:4");
        assert_eq!(read(""), Tres::default());
    }

    #[test]
    fn devices_are_read_as_slurm_writes_them() {
        assert_eq!(shown(&gres("gpu:a100:8(S:0-1),shard:4")), "gpu:a100:8 shard:4");
        assert_eq!(shown(&gres("gpu:a100:2(IDX:0,3),gpu:a100:1")), "gpu:a100:3");
        assert_eq!(shown(&gres("gres:gpu:a100:2")), "gpu:a100:2");
        assert_eq!(shown(&gres("bandwidth:lustre:2K")), "bandwidth:lustre:2048");
        for none in ["", "(null)", "N/A", "gpu:a100:0(IDX:N/A)"] {
            assert!(gres(none).is_empty(), "{none}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = (gres(&text), read(&text));
        }

        #[test]
        fn no_amount_makes_it_panic(text in "(cpu|mem|gres/gpu(:x)?)=[0-9.eKMGT]{0,30}") {
            let _ = read(&text);
        }
    }
}
