//! The object that a request becomes.

use crate::{Folder, Request};
use serde_json::{Map, Value, json};

/// The label that says which platform made a job.
pub const OWNER: &str = "mosu/owner";
/// The label that keeps a job's own name, which may have a `_`.
pub const NAME: &str = "mosu/name";

/// How long Kubernetes keeps a job that has ended.
const KEPT_SECONDS: u32 = 86_400;
/// The name of the volume that holds the job's folder.
const VOLUME: &str = "folder";

/// The `batch/v1` Job of a request.
///
/// - `backoffLimit: 0` and `restartPolicy: Never`: a pod that fails ends the job, and nothing starts it again;
/// - indexed completions as many as pods, all at once: a gang that knows its members;
/// - a job for a queue is made suspended, and Kueue wakes it when there is room for all of it;
/// - requests equal limits, so that a pod gets what it pays for;
/// - Kubernetes forgets it a day after its end, when whoever asks has long seen it.
pub fn job(request: &Request, owner: &str) -> Value {
    let mut labels = Map::new();
    labels.insert(OWNER.to_owned(), json!(owner));
    labels.insert(NAME.to_owned(), json!(request.name));
    let pod_labels = labels.clone();
    if let Some(queue) = &request.queue {
        labels.insert("kueue.x-k8s.io/queue-name".to_owned(), json!(queue));
    }
    let seconds = request.wall.as_secs() + u64::from(request.wall.subsec_nanos() > 0);
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": { "name": request.object_name(), "labels": labels },
        "spec": {
            "suspend": request.queue.is_some(),
            "parallelism": request.pods,
            "completions": request.pods,
            "completionMode": "Indexed",
            "backoffLimit": 0,
            "activeDeadlineSeconds": seconds,
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            "template": { "metadata": { "labels": pod_labels }, "spec": pod(request) },
        },
    })
}

fn pod(request: &Request) -> Value {
    let mut pod = json!({
        "restartPolicy": "Never",
        // A task calls the platform, never the cluster.
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "containers": [container(request)],
    });
    if !request.selector.is_empty() {
        pod["nodeSelector"] = json!(request.selector);
    }
    if let Some(folder) = &request.folder {
        let claim = json!({ "claimName": folder.claim });
        pod["volumes"] = json!([{ "name": VOLUME, "persistentVolumeClaim": claim }]);
    }
    if !request.nodes.is_empty() {
        pod["affinity"] = affinity(request);
    }
    pod
}

/// On one of the named nodes, and on none that another pod of the job has.
fn affinity(request: &Request) -> Value {
    let named = json!({ "key": "kubernetes.io/hostname", "operator": "In", "values": request.nodes });
    let mut affinity = json!({
        "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{ "matchExpressions": [named] }],
        } },
    });
    if request.pods > 1 {
        affinity["podAntiAffinity"] = json!({ "requiredDuringSchedulingIgnoredDuringExecution": [{
            "labelSelector": { "matchLabels": { NAME: request.name } },
            "topologyKey": "kubernetes.io/hostname",
        }] });
    }
    affinity
}

fn container(request: &Request) -> Value {
    let mut resources = Map::new();
    resources.insert("cpu".to_owned(), json!(request.cpus.to_string()));
    resources.insert("memory".to_owned(), json!(format!("{}Mi", request.memory_mib)));
    for (device, count) in &request.devices {
        resources.insert(device.clone(), json!(count.to_string()));
    }
    let variable = |(name, value): &(String, String)| {
        // `$(NAME)` would be replaced; a doubled `$` stands for one.
        json!({ "name": name, "value": value.replace('$', "$$") })
    };
    let command: Vec<_> = request.command.iter().map(|word| word.replace('$', "$$")).collect();
    let mount =
        |folder: &Folder| json!({ "name": VOLUME, "mountPath": folder.path, "subPath": folder.inside });
    json!({
        "name": "task",
        "image": request.image,
        "command": command,
        "env": request.environment.iter().map(variable).collect::<Vec<_>>(),
        "resources": { "requests": resources, "limits": resources },
        "volumeMounts": request.folder.iter().map(mount).collect::<Vec<_>>(),
        "securityContext": { "allowPrivilegeEscalation": false },
    })
}

#[cfg(test)]
mod tests;
