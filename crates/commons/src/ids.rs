//! The kinds of things that have an identity.

kernel::tag!(/// An organisation: a start-up, the community's operator.
    Org = "org");
kernel::tag!(/// A person of an organisation.
    Person = "person");
kernel::tag!(/// An access token.
    Token = "token");
kernel::tag!(/// A job.
    Job = "job");
kernel::tag!(/// An account of the ledger.
    Account = "acct");
kernel::tag!(/// One transfer of the ledger.
    Transfer = "xfer");
kernel::tag!(/// A reservation on the ledger.
    Hold = "hold");
kernel::tag!(/// A charge: something used that is paid for.
    Charge = "chg");
kernel::tag!(/// A case of the one-stop service.
    Case = "case");
kernel::tag!(/// One request, for logs.
    Request = "req");
