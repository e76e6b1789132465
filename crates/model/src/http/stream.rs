//! Streamed answers: server-sent events.

use super::answer::{Head, Offset};
use crate::serve::{Message, Running};
use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
};
use kernel::Error;
use serde_json::{Value, json};
use std::{collections::HashMap, convert::Infallible};
use tokio::sync::mpsc::UnboundedReceiver;

/// Messages that are written at once when the client is slower than the model.
const TOGETHER: usize = 64;

struct Stream {
    head: Head,
    messages: UnboundedReceiver<Message>,
    offsets: HashMap<usize, Offset>,
    opened: bool,
    ended: bool,
}

/// The response whose body follows the work.
pub(super) fn respond(head: Head, running: Running) -> Response {
    let messages = running.messages;
    let state = Stream { head, messages, offsets: HashMap::new(), opened: false, ended: false };
    let body = futures::stream::unfold(state, |mut state| async move {
        let bytes = state.next().await?;
        Some((Ok::<_, Infallible>(bytes), state))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(body)).into_response()
}

impl Stream {
    /// All that waits, as one write; `None` behind the end.
    async fn next(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        let mut text = String::new();
        if !std::mem::replace(&mut self.opened, true) {
            push(&mut text, self.head.first_chunk());
            if !text.is_empty() {
                return Some(text.into());
            }
        }
        let mut waiting = Vec::new();
        if self.messages.recv_many(&mut waiting, TOGETHER).await == 0 {
            waiting.push(Message::Failed(Error::internal("the pump ended without an ending")));
        }
        for message in waiting {
            self.write(message, &mut text);
        }
        Some(text.into())
    }

    fn write(&mut self, message: Message, text: &mut String) {
        match message {
            Message::Piece(piece) => {
                let offset = self.offsets.entry(piece.index).or_default();
                if !piece.text.is_empty() || !piece.tokens.is_empty() || piece.finish.is_some() {
                    push(text, Some(self.head.chunk(&piece, offset)));
                }
            }
            Message::Done(usage) => {
                push(text, self.head.usage_chunk(usage));
                text.push_str("data: [DONE]\n\n");
                self.ended = true;
            }
            Message::Failed(error) => {
                tracing::error!(code = error.code, error = error.chain(), "stream failed");
                let error =
                    json!({"message": error.text, "type": "server_error", "param": null, "code": error.code});
                push(text, Some(json!({"error": error})));
                self.ended = true;
            }
        }
    }
}

fn push(text: &mut String, event: Option<Value>) {
    if let Some(event) = event {
        text.push_str("data: ");
        text.push_str(&event.to_string());
        text.push_str("\n\n");
    }
}
