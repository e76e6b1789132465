//! One call from reservation to settlement. It goes on when the client has left.

use super::{Piece, Seat, Work};
use crate::{
    ops::Models,
    rules::prices,
    sql,
    types::{Call, Served},
};
use commons::{
    billing::{self, Quote, Service},
    identity::Caller,
    ids::{Charge, Org, Request},
};
use kernel::{Error, Id, Result, Timestamp};
use std::time::Instant;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Seconds after which a reservation is given back by itself, should the server die in between.
const RESERVED_SECONDS: i64 = 3600;

/// Tokens that a call used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Read.
    pub input_tokens: i64,
    /// Written.
    pub output_tokens: i64,
}

/// What comes out of the pump: pieces, then one ending.
#[derive(Debug)]
pub enum Message {
    /// A piece of the answer.
    Piece(Piece),
    /// It is settled.
    Done(Usage),
    /// It failed and costs nothing.
    Failed(Error),
}

/// A call that has been paid for in advance and is being worked on.
pub struct Running {
    /// What it costs.
    pub charge: Id<Charge>,
    /// What comes of it. The number of messages is bounded by the tokens that were asked for.
    pub messages: UnboundedReceiver<Message>,
}

/// What the end of a call must know of its beginning.
struct Opened {
    id: Id<Request>,
    charge: Id<Charge>,
    org: Id<Org>,
    served: Served,
    input_tokens: i64,
    started: Instant,
}

impl Models {
    /// Reserves the most that the work can cost and starts it.
    ///
    /// # Errors
    /// `Insufficient` when the caller's organisation can't pay that much.
    pub async fn start(
        &self,
        caller: &Caller,
        id: Id<Request>,
        served: Served,
        work: Work,
        seat: Seat,
    ) -> Result<Running> {
        let input_tokens = work.input_tokens();
        let quote = Quote {
            org: caller.org,
            payee: served.org,
            service: Service::Model,
            resource: served.reference.clone(),
            max_micros: prices::most(&served, input_tokens, work.most_output_tokens())?,
            idempotency: format!("model-call:{id}"),
            expires_seconds: Some(RESERVED_SECONDS),
        };
        let started = Instant::now();
        let commons = self.commons.clone();
        let open = self.commons.db.write(move |tx| {
            Box::pin(async move { billing::open(&commons, tx, quote).await.map(|charge| charge.id) })
        });
        let charge = open.await?;
        let opened = Opened { id, charge, org: caller.org, served, input_tokens, started };
        let (sender, messages) = unbounded_channel();
        tokio::spawn(self.clone().pump(opened, work, seat, sender));
        Ok(Running { charge, messages })
    }

    async fn pump(self, opened: Opened, work: Work, seat: Seat, sender: UnboundedSender<Message>) {
        let pieces = sender.clone();
        let outcome = match seat.worker().await {
            Err(error) => Err(error),
            Ok(worker) => tokio::task::spawn_blocking(move || {
                let _worker = worker;
                work.run(&mut |piece| pieces.send(Message::Piece(piece)).is_ok())
            })
            .await
            .unwrap_or_else(|panic| Err(Error::internal(panic))),
        };
        let ending = match outcome {
            Ok((output_tokens, completed)) => {
                let usage = Usage { input_tokens: opened.input_tokens, output_tokens };
                self.settle(opened, usage, completed).await.map(|()| usage)
            }
            Err(error) => {
                self.give_back(opened).await;
                Err(error)
            }
        };
        // Nobody may listen any more; the ledger knows all the same.
        let _ = sender.send(ending.map_or_else(Message::Failed, Message::Done));
    }

    async fn settle(&self, opened: Opened, usage: Usage, completed: bool) -> Result<()> {
        let lines = prices::lines(&opened.served, usage.input_tokens, usage.output_tokens);
        let status = if completed { "completed" } else { "left" };
        let (commons, charge) = (self.commons.clone(), opened.charge);
        let call = opened.into_call(usage.output_tokens, status, commons.now());
        let model = call.model.clone();
        let settled = self.commons.db.write(move |tx| {
            Box::pin(async move {
                billing::settle(&commons, tx, charge, lines).await?;
                sql::insert_call(tx, &call).await
            })
        });
        settled.await?;
        self.count(&model, usage);
        Ok(())
    }

    fn count(&self, model: &str, usage: Usage) {
        for (direction, tokens) in [("input", usage.input_tokens), ("output", usage.output_tokens)] {
            let labels = [("model", model.to_owned().into()), ("direction", direction.into())];
            self.tokens.get_or_create_owned(&labels).inc_by(tokens.max(0) as u64);
        }
    }

    async fn give_back(&self, opened: Opened) {
        let (commons, charge) = (self.commons.clone(), opened.charge);
        let call = opened.into_call(0, "failed", commons.now());
        let voided = self.commons.db.write(move |tx| {
            Box::pin(async move {
                billing::void(&commons, tx, charge).await?;
                sql::insert_call(tx, &call).await
            })
        });
        if let Err(error) = voided.await {
            // The reservation ends by itself when its time is over.
            tracing::error!(%charge, error = error.chain(), "charge not given back");
        }
    }
}

impl Opened {
    fn into_call(self, output_tokens: i64, status: &str, ended_at: Timestamp) -> Call {
        Call {
            id: self.id,
            charge: self.charge,
            org: self.org,
            model: self.served.name,
            reference: self.served.reference,
            input_tokens: self.input_tokens,
            output_tokens,
            milliseconds: self.started.elapsed().as_millis().min(i64::MAX as u128) as i64,
            status: status.to_owned(),
            ended_at,
        }
    }
}
