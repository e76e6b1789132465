//! What `sbatch` is told and answers.

use crate::{
    Request, check,
    failure::{Class, Failure},
};

/// The arguments of `sbatch` for a request that was checked. The script comes on its input, the variables in its
/// environment.
pub fn arguments(request: &Request) -> Vec<String> {
    let mut arguments = vec![
        "--parsable".to_owned(),
        "--no-requeue".to_owned(),
        "--export=ALL".to_owned(),
        format!("--job-name={}", request.name),
        format!("--nodelist={}", request.nodes.join(",")),
        format!("--nodes={}", request.nodes.len()),
        format!("--ntasks-per-node={}", request.tasks_per_node),
        format!("--cpus-per-task={}", request.cpus_per_task),
        format!("--mem={}", request.memory_mib),
        format!("--time={}", check::minutes(request)),
        format!("--chdir={}", request.folder.display()),
        format!("--output={}", request.output.display()),
    ];
    if !request.gres.is_empty() {
        let gres: Vec<_> = request.gres.iter().map(ToString::to_string).collect();
        arguments.push(format!("--gres={}", gres.join(",")));
    }
    let choices = [("partition", &request.partition), ("account", &request.account), ("qos", &request.qos)];
    for (option, choice) in choices {
        arguments.extend(choice.as_ref().map(|choice| format!("--{option}={choice}")));
    }
    if !request.comment.is_empty() {
        arguments.push(format!("--comment={}", request.comment));
    }
    arguments
}

/// The job's number in `NUMBER` or `NUMBER;CLUSTER`, on the last line.
pub fn number(output: &[u8]) -> Result<u32, Failure> {
    let text = String::from_utf8_lossy(output);
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let number = last.split(';').next().unwrap_or_default().trim().parse();
    number.map_err(|_| Failure::new(Class::Unreadable, format!("sbatch says “{last}”")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_read_with_and_without_a_cluster() {
        assert_eq!(number(b"17\n").unwrap(), 17);
        assert_eq!(number(b"a site's greeting\n17;north\n\n").unwrap(), 17);
        assert!(number(b"").is_err() && number(b"Submitted batch job 17").is_err());
    }
}
