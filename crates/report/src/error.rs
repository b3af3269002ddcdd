//! Why something could not be written.

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Whoever takes the text takes no more of it.
    #[error("write the report")]
    Write(#[from] std::fmt::Error),
    /// A value that JSON cannot hold, or the receiver took no more.
    #[error("write the report as JSON")]
    Json(#[from] serde_json::Error),
    /// The receiver took no more.
    #[error("write the report as CSV")]
    Csv(#[from] csv::Error),
}
