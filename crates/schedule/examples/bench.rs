//! `bench [NODES JOBS TENANTS]`: decisions a second, as JSON.

use schedule::bench::{BenchOptions, bench};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let numbers: Vec<usize> =
        std::env::args().skip(1).map(|number| number.parse()).collect::<Result<_, _>>()?;
    let mut options = BenchOptions::default();
    if let [nodes, jobs, tenants] = numbers[..] {
        options = BenchOptions { nodes, jobs, tenants, ..options };
    }
    println!("{}", serde_json::to_string(&bench(&options)?)?);
    Ok(())
}
