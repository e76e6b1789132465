//! What is sent to submit a job, and the answer.

use super::{answer, http::Reply, shape::Number, version::Version};
use crate::{
    Request, check,
    failure::{Class, Failure},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The body of a submission in the shape of `version`. The request was checked.
pub fn body(request: &Request, version: Version) -> Vec<u8> {
    let job = if version.has_sbatch_shape() { sbatch_job(request) } else { job(request, version) };
    let mut body = json!({ "job": job });
    let holder = if version.has_script_in_job() { &mut body["job"] } else { &mut body };
    holder["script"] = json!(request.script);
    body.to_string().into_bytes()
}

fn common(request: &Request) -> Map<String, Value> {
    let mut job = Map::new();
    let mut put = |key: &str, value: Value| drop(job.insert(key.to_owned(), value));
    put("name", json!(request.name));
    put("tasks", json!(request.nodes.len() as u64 * u64::from(request.tasks_per_node)));
    put("tasks_per_node", json!(request.tasks_per_node));
    put("cpus_per_task", json!(request.cpus_per_task));
    put("current_working_directory", json!(request.folder));
    put("standard_output", json!(request.output));
    for (key, choice) in
        [("partition", &request.partition), ("account", &request.account), ("qos", &request.qos)]
    {
        if let Some(choice) = choice {
            put(key, json!(choice));
        }
    }
    if !request.comment.is_empty() {
        put("comment", json!(request.comment));
    }
    job
}

/// The shape up to v0.0.38: the long options of `sbatch` as keys, among them two that its description leaves out. The
/// described `requeue` turns requeueing on whatever its value is, and `required_nodes` is switched off.
fn sbatch_job(request: &Request) -> Value {
    let mut job = common(request);
    let count = request.nodes.len();
    job.insert("nodelist".into(), json!(request.nodes.join(",")));
    job.insert("nodes".into(), json!([count, count]));
    job.insert("no_requeue".into(), json!(true));
    job.insert("memory_per_node".into(), json!(request.memory_mib));
    job.insert("time_limit".into(), json!(check::minutes(request)));
    let environment: Map<_, _> =
        variables(request).into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    job.insert("environment".into(), json!(environment));
    if !request.gres.is_empty() {
        job.insert("gres".into(), json!(gres(request, "")));
    }
    Value::Object(job)
}

/// The shape since v0.0.39.
fn job(request: &Request, version: Version) -> Value {
    let mut job = common(request);
    let number = |number: u64| json!({ "set": true, "infinite": false, "number": number });
    let count = request.nodes.len();
    job.insert("required_nodes".into(), json!(request.nodes));
    job.insert("minimum_nodes".into(), json!(count));
    job.insert("maximum_nodes".into(), json!(count));
    job.insert("requeue".into(), json!(false));
    job.insert("memory_per_node".into(), number(request.memory_mib));
    job.insert("time_limit".into(), number(check::minutes(request)));
    let environment = variables(request).into_iter().map(|(name, value)| format!("{name}={value}"));
    job.insert("environment".into(), environment.collect());
    if !request.gres.is_empty() {
        let prefix = if version.has_script_in_job() { "gres/" } else { "gres:" };
        job.insert("tres_per_node".into(), json!(gres(request, prefix)));
    }
    Value::Object(job)
}

/// The variables, of which the service wants at least one.
fn variables(request: &Request) -> Vec<(&str, &str)> {
    if request.environment.is_empty() {
        return vec![("PATH", "/usr/bin:/bin")];
    }
    request.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn gres(request: &Request, prefix: &str) -> String {
    request.gres.iter().map(|gres| format!("{prefix}{gres}")).collect::<Vec<_>>().join(",")
}

/// The job's number. A job that was taken has one even where the answer warns, for instance of a node that is down.
pub fn number(reply: &Reply) -> Result<u32, Failure> {
    #[derive(Deserialize)]
    struct Taken {
        #[serde(default)]
        job_id: Number,
    }
    let taken: Option<Taken> = serde_json::from_slice(&reply.body).ok();
    let id =
        taken.and_then(|taken| taken.job_id.0).and_then(|id| u32::try_from(id).ok()).filter(|id| *id > 0);
    if let Some(id) = id.filter(|_| reply.status < 400) {
        return Ok(id);
    }
    answer::told(reply, answer::is_none)?;
    Err(Failure::new(Class::Unreadable, "an answer without the job's number"))
}

#[cfg(test)]
mod tests;
