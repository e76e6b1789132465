//! What became of a submission.

use kernel::Error;

/// What became of a submission. The four need four different answers, so they are no `Result`.
#[derive(Debug)]
#[must_use]
pub enum Submission {
    /// The job exists, made now or by an earlier call whose answer got lost; this is Kubernetes' id of it.
    Taken(String),
    /// Kubernetes, or this client, refused it: the same request fails again. Code `kubernetes_refused`.
    Refused(Error),
    /// Kubernetes couldn't be asked, or has no room for the object now: try again later. Code
    /// `kubernetes_unavailable` or `kubernetes_denied`.
    Unavailable(Error),
    /// It was sent, and no answer came. Submitting it again is safe: the name can be taken once only. Code
    /// `kubernetes_unsure`.
    Unsure(Error),
}
