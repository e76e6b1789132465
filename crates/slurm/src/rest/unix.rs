//! HTTP over a socket of the file system, where `slurmrestd` knows its caller without a token.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
};
use ureq::{
    Error,
    unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport},
};

/// Connects to the socket, whatever address the request names.
#[derive(Debug)]
pub struct SocketConnector {
    pub path: PathBuf,
}

impl<In: Transport> Connector<In> for SocketConnector {
    type Out = SocketTransport;

    fn connect(&self, details: &ConnectionDetails, _: Option<In>) -> Result<Option<Self::Out>, Error> {
        let stream = UnixStream::connect(&self.path)?;
        let sizes = details.config;
        let buffers = LazyBuffers::new(sizes.input_buffer_size(), sizes.output_buffer_size());
        Ok(Some(SocketTransport { stream, buffers }))
    }
}

/// An open connection.
#[derive(Debug)]
pub struct SocketTransport {
    stream: UnixStream,
    buffers: LazyBuffers,
}

impl Transport for SocketTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.set_write_timeout(timeout.not_zero().map(|after| *after)).map_err(Error::Io)?;
        self.stream.write_all(&self.buffers.output()[..amount]).map_err(|error| late(error, &timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.set_read_timeout(timeout.not_zero().map(|after| *after)).map_err(Error::Io)?;
        let room = self.buffers.input_append_buf();
        let amount = self.stream.read(room).map_err(|error| late(error, &timeout))?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Never asked: no connection is kept.
    fn is_open(&mut self) -> bool {
        false
    }
}

/// What the system calls "would block" after a time limit.
fn late(error: std::io::Error, timeout: &NextTimeout) -> Error {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Error::Timeout(timeout.reason),
        _ => Error::Io(error),
    }
}
