//! A plan through the port: the fence protocol, the journal, resume and undo.

mod archive;
mod audit;
mod between;
mod changes;
mod context;
mod copying;
mod deregister;
mod disk;
mod event;
mod expects;
mod fence;
mod guard;
mod journal;
mod leftovers;
mod looker;
mod made;
mod mutate;
mod out_of_archive;
mod rechecker;
mod recovery;
mod replay;
mod restore;
mod returning;
mod run;
mod snapshots;
mod staging;
mod stop;
mod summary;
mod sweeps;
mod undo;

pub use audit::{AuditCall, AuditLine, AuditProcess, AuditStep, AuditVerdict, evidence, outcomes};
pub use changes::{Awaited, WaitEnd, Waited, wait_for};
pub use context::{FilesAgain, KeepsSnapshot, RunConfig, RunTools};
pub use disk::{DiskContent, DiskFile};
pub use event::{
    CallOutcome, Event, Fate, GroupRefresh, JournalCall, Overruled, Record, RunEvent, RunObserver, RunStarted,
    RunStatus, SeenResource, SharedSnapshot, SnapshotFate, StepResult,
};
pub use guard::{GuardFacts, Refusal, guard};
pub use journal::{Journal, JournalError};
pub use replay::{CallState, Produced, Replay, ReplayError, StepState};
pub use run::{RunEnd, run};
pub use stop::Stop;
pub use summary::{RunCounts, RunSummary, StepProgress, StepSummary};
pub use undo::{Takeback, UndoEnd, UndoItem, look_ahead, undo, undo_items};
