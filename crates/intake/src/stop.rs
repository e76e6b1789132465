//! Why reading a file stops: something in it is broken, or the run itself ends.

use crate::{Broken, Options, Position, Record, fields::Wants};
use kernel::{Error, Result};
use std::{fmt, io};

/// Something in a file that could not be read.
#[derive(Debug)]
pub(crate) struct Fault {
    pub code: &'static str,
    pub text: String,
    pub position: Position,
    pub bytes: u64,
}

impl Fault {
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), position: Position::File, bytes: 0 }
    }

    pub(crate) fn at(mut self, position: Position) -> Self {
        self.position = position;
        self
    }

    pub(crate) fn sized(mut self, bytes: usize) -> Self {
        self.bytes = bytes as u64;
        self
    }
}

/// Why reading a file stops.
pub(crate) enum Stop {
    /// The rest of the file is lost; the run goes on.
    Broken(Fault),
    /// The run ends: the sink said so.
    Fatal(Error),
}

pub(crate) type Done<T = ()> = std::result::Result<T, Stop>;

impl Stop {
    /// The same with its fault told more exactly.
    pub(crate) fn map(self, tell: impl FnOnce(Fault) -> Fault) -> Self {
        match self {
            Self::Broken(fault) => Self::Broken(tell(fault)),
            fatal => fatal,
        }
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Fatal(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Broken(error.into())
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Bomb>()) {
            Some(bomb) => Self::new("bomb", bomb.to_string()),
            None => Self::new("damaged", format!("reading failed: {error}. Copy or make the file again")),
        }
    }
}

/// More came out of a packed file than may.
#[derive(Debug)]
pub(crate) struct Bomb(pub u64);

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(limit) = self;
        write!(
            f,
            "unpacks to over {limit} bytes, more than its packed size or the limits allow; unpack it "
        )?;
        f.write_str("yourself if you trust it")
    }
}

impl std::error::Error for Bomb {}

/// Takes what is read.
pub(crate) struct Out<'a> {
    pub options: &'a Options,
    pub encoding: Option<&'static encoding_rs::Encoding>,
    pub wants: Wants,
    sink: &'a mut dyn FnMut(Record<'_>) -> Result<()>,
    broken: &'a mut dyn FnMut(Broken) -> Result<()>,
}

impl<'a> Out<'a> {
    pub(crate) fn new(
        options: &'a Options,
        sink: &'a mut dyn FnMut(Record<'_>) -> Result<()>,
        broken: &'a mut dyn FnMut(Broken) -> Result<()>,
    ) -> Result<Self> {
        let wants = Wants::new(&options.fields);
        Ok(Self { options, encoding: options.forced_encoding()?, wants, sink, broken })
    }

    pub(crate) fn record(&mut self, record: Record<'_>) -> Done {
        (self.sink)(record).map_err(Stop::Fatal)
    }

    pub(crate) fn broken(&mut self, path: &str, fault: Fault) -> Done {
        let Fault { code, text, position, bytes } = fault;
        (self.broken)(Broken { path: path.to_owned(), position, code: code.to_owned(), text, bytes })
            .map_err(Stop::Fatal)
    }

    /// Reports what is broken and goes on; an end of the run stays one.
    pub(crate) fn absorb(&mut self, path: &str, done: Done) -> Done {
        match done {
            Err(Stop::Broken(fault)) => self.broken(path, fault),
            other => other,
        }
    }
}
