//! The calls.

use crate::{Cause, Fault, Token};
use std::{fmt, io::Read, sync::Arc, time::Duration};
use ureq::{
    Agent,
    config::ConfigBuilder,
    http::{Error, Method, Request, request::Builder},
    typestate::AgentScope,
};

/// How long a call may take: longer than services wait for what is behind them.
const LONGEST: Duration = Duration::from_secs(60);
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// Adds a token's text to a request, as the service wants to be told who asks.
pub type Sign = dyn Fn(Builder, &str) -> Builder + Send + Sync;

/// A service, and who asks there. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    /// What faults call the service.
    pub name: &'static str,
    /// Its address, without a slash at its end.
    pub base: String,
    /// Who asks.
    pub token: Token,
    /// How it is told who asks.
    pub sign: Arc<Sign>,
    /// What connects; made with [`config`].
    pub agent: Agent,
    /// The most bytes of an answer.
    pub max_answer: u64,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status of HTTP.
    pub status: u16,
    /// What was said.
    pub body: Vec<u8>,
}

/// What all agents have in common. No connection is kept for later: one that the other side closed meanwhile would
/// leave a submission unsure.
pub fn config() -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .max_idle_connections(0)
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(LONGEST))
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("name", &self.name).field("base", &self.base).finish_non_exhaustive()
    }
}

impl Client {
    /// What is at `path`.
    ///
    /// # Errors
    /// When there is no answer, or too large a one.
    pub async fn get(&self, path: String) -> Result<Reply, Fault> {
        self.call(Method::GET, path, Vec::new()).await
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn post(&self, path: String, body: Vec<u8>) -> Result<Reply, Fault> {
        self.call(Method::POST, path, body).await
    }

    /// Deletes what is at `path`.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn delete(&self, path: String) -> Result<Reply, Fault> {
        self.call(Method::DELETE, path, Vec::new()).await
    }

    async fn call(&self, method: Method, path: String, body: Vec<u8>) -> Result<Reply, Fault> {
        let this = self.clone();
        let call = tokio::task::spawn_blocking(move || this.call_here(method, &path, body));
        let broken = |_| Err(Fault::new(Cause::Lost, format!("a call to {} was broken off", self.name)));
        call.await.unwrap_or_else(broken)
    }

    fn call_here(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Reply, Fault> {
        let mut request = Request::builder().method(method.clone()).uri(format!("{}{path}", self.base));
        let token = self.token.read();
        let unread = |error| Fault::new(Cause::Token, format!("the token can't be read: {error}"));
        if let Some(token) = token.map_err(unread)? {
            request = (self.sign)(request, &token);
        }
        let odd = |error: Error| Fault::new(Cause::Malformed, error);
        let response = if method == Method::POST {
            self.agent.run(request.header("content-type", "application/json").body(body).map_err(odd)?)
        } else {
            self.agent.run(request.body(()).map_err(odd)?)
        };
        let mut response = response.map_err(|error| Fault::of(self.name, &error))?;
        let mut body = Vec::new();
        let mut reader = response.body_mut().as_reader().take(self.max_answer + 1);
        reader.read_to_end(&mut body).map_err(|error| Fault::new(Cause::Lost, error))?;
        if body.len() as u64 > self.max_answer {
            return Err(Fault::new(Cause::TooLarge, format!("more than {} bytes", self.max_answer)));
        }
        Ok(Reply { status: response.status().as_u16(), body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Write, net::TcpListener, thread};

    fn client(base: String) -> Client {
        Client {
            name: "the service",
            base,
            token: Token::Text("secret\n".into()),
            sign: Arc::new(|request, token| request.header("x-who", token)),
            agent: Agent::new_with_config(config().build()),
            max_answer: 4,
        }
    }

    /// A service that answers one request so, and what it was asked.
    fn answering(answer: &'static str) -> (Client, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 4096];
            let length = stream.read(&mut asked).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        (client(base), asked)
    }

    #[tokio::test]
    async fn a_call_is_signed_and_any_status_is_an_answer() {
        let (client, asked) = answering("HTTP/1.1 409 Conflict\r\ncontent-length: 4\r\n\r\nover");
        let reply = client.get("/at".into()).await.unwrap();
        assert_eq!((reply.status, &*reply.body), (409, &b"over"[..]));
        let asked = asked.join().unwrap();
        assert!(asked.starts_with("GET /at ") && asked.contains("x-who: secret\r\n"), "{asked}");
        assert!(!format!("{client:?}").contains("secret"));
    }

    #[tokio::test]
    async fn what_was_surely_not_sent_is_told_from_what_may_have_been() {
        let cause = async |client: Client| client.get("/".into()).await.unwrap_err().cause;
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(cause(client(format!("http://{nobody}"))).await, Cause::Unconnected);
        let untold = Client { token: Token::File("/nowhere/token".into()), ..client("http://a".into()) };
        assert_eq!(cause(untold).await, Cause::Token);
        let (silent, _) = answering("");
        assert!(matches!(cause(silent).await, Cause::Lost | Cause::Io(_)));
        let (broken, _) = answering("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nov");
        assert_eq!(cause(broken).await, Cause::Lost);
        let (large, _) = answering("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nlarge");
        assert_eq!(cause(large).await, Cause::TooLarge);
    }
}
