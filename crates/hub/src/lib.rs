//! Floor 2: versioned repositories of datasets and models; the Hugging Face Hub protocol.
