//! Sends a mutating call. A lost answer is resolved by looking, never by assuming.

use std::future::Future;
use std::time::Duration;

use amictl_cloud::CloudError;

/// What came of a mutating call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sent<R> {
    /// It had its effect; the reply, unless it was lost.
    Done(Option<R>),
    /// AWS refused it: it had no effect.
    Refused(CloudError),
    /// Nobody knows.
    Unknown(CloudError),
}

/// A call whose answer is lost is sent again so often, each time after looking.
const ATTEMPTS_MAX: u32 = 3;
/// How long to wait before each look: a change need not be visible at once.
const LOOKS: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];
/// How long to wait before each look that follows when the call is not sent again.
const LAST_LOOKS: [Duration; 3] = [Duration::from_secs(10), Duration::from_secs(20), Duration::from_secs(30)];

/// Sends a call; when its answer is lost, looks whether it has happened, and sends it again when it has not.
pub(crate) async fn send<R, S, L>(call: impl Fn() -> S, has_happened: impl Fn() -> L) -> Sent<R>
where
    S: Future<Output = Result<R, CloudError>>,
    L: Future<Output = Result<bool, CloudError>>,
{
    send_again(false, call, has_happened).await
}

/// The same where an earlier process may have sent it: that it is refused may be because it has happened, which need not be seen yet.
pub(crate) async fn send_again<R, S, L>(was_sent: bool, call: impl Fn() -> S, has_happened: impl Fn() -> L) -> Sent<R>
where
    S: Future<Output = Result<R, CloudError>>,
    L: Future<Output = Result<bool, CloudError>>,
{
    let mut attempt = 0;
    loop {
        attempt += 1;
        let error = match call().await {
            Ok(reply) => return Sent::Done(Some(reply)),
            Err(error) if error.class.may_have_happened() => error,
            // What was sent before may have had its effect all the same, and that may be why it is refused now.
            Err(error) if attempt > 1 || was_sent => {
                return match look_to_the_end(&has_happened).await {
                    Looked::Happened => Sent::Done(None),
                    Looked::NotYet => Sent::Refused(error),
                    Looked::Nothing => Sent::Unknown(error),
                };
            }
            Err(error) => return Sent::Refused(error),
        };
        let is_last = attempt >= ATTEMPTS_MAX;
        let mut looked = look(&LOOKS, &has_happened).await;
        if is_last && looked != Looked::Happened {
            looked = look_to_the_end(&has_happened).await;
        }
        match looked {
            Looked::Happened => return Sent::Done(None),
            Looked::NotYet if !is_last => {}
            Looked::NotYet | Looked::Nothing => return Sent::Unknown(error),
        }
    }
}

/// Sends a call that carries a client token: sent again, it has its effect once, so that nothing need be looked for between.
pub(crate) async fn send_by_token<R, S>(call: impl Fn() -> S) -> Sent<R>
where
    S: Future<Output = Result<R, CloudError>>,
{
    let mut lost = None;
    for pause in &LOOKS {
        match call().await {
            Ok(reply) => return Sent::Done(Some(reply)),
            Err(error) if error.class.may_have_happened() => lost = Some(error),
            // What was sent before may have had its effect all the same.
            Err(error) if lost.is_some() => return Sent::Unknown(error),
            Err(error) => return Sent::Refused(error),
        }
        tokio::time::sleep(*pause).await;
    }
    match call().await {
        Ok(reply) => Sent::Done(Some(reply)),
        Err(error) => Sent::Unknown(error),
    }
}

/// What looking has shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looked {
    /// The call has had its effect.
    Happened,
    /// It has had none that could be seen.
    NotYet,
    /// Nothing could be seen.
    Nothing,
}

/// Looks after each of these pauses, until the effect is seen.
async fn look<L>(pauses: &[Duration], has_happened: &impl Fn() -> L) -> Looked
where
    L: Future<Output = Result<bool, CloudError>>,
{
    let mut looked = Looked::Nothing;
    for pause in pauses {
        tokio::time::sleep(*pause).await;
        match has_happened().await {
            Ok(true) => return Looked::Happened,
            Ok(false) => looked = Looked::NotYet,
            Err(error) => tracing::warn!(%error, "could not look whether a call has happened"),
        }
    }
    looked
}

/// Looks where the call is not sent again: only what the last look shows is sure not to be seen later.
async fn look_to_the_end<L>(has_happened: &impl Fn() -> L) -> Looked
where
    L: Future<Output = Result<bool, CloudError>>,
{
    let mut looked = Looked::Nothing;
    for pause in &LAST_LOOKS {
        looked = look(std::slice::from_ref(pause), has_happened).await;
        if looked == Looked::Happened {
            break;
        }
    }
    looked
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use amictl_cloud::ErrorClass;

    use super::*;

    fn error(class: ErrorClass) -> CloudError {
        CloudError { class, operation: "DisableImage", code: None, message: String::new(), request_id: None }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_answer_of_a_call_that_happened_is_done() {
        let calls = Cell::new(0);
        let sent = send::<(), _, _>(
            || {
                calls.set(calls.get() + 1);
                async { Err(error(ErrorClass::Ambiguous)) }
            },
            || async { Ok(true) },
        )
        .await;
        assert_eq!((sent, calls.get()), (Sent::Done(None), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_answer_of_a_call_that_did_not_happen_is_sent_again() {
        let calls = Cell::new(0);
        let sent = send(
            || {
                calls.set(calls.get() + 1);
                let last = calls.get() == 2;
                async move { if last { Ok(7) } else { Err(error(ErrorClass::Server)) } }
            },
            || async { Ok(false) },
        )
        .await;
        assert_eq!((sent, calls.get()), (Sent::Done(Some(7)), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_of_what_an_earlier_process_may_have_sent_is_looked_into() {
        for (was_sent, is_seen, expected) in [
            (true, true, Sent::Done(None)),
            (true, false, Sent::Refused(error(ErrorClass::Other))),
            (false, true, Sent::Refused(error(ErrorClass::Other))),
        ] {
            let call = || async { Err(error(ErrorClass::Other)) };
            let sent = send_again::<(), _, _>(was_sent, call, || async { Ok(is_seen) }).await;
            assert_eq!(sent, expected, "{was_sent} {is_seen}");
        }
        let call = || async { Err(error(ErrorClass::Other)) };
        let sent = send_again::<(), _, _>(true, call, || async { Err(error(ErrorClass::Denied)) }).await;
        assert_eq!(sent, Sent::Unknown(error(ErrorClass::Other)), "nobody could look");
        let looks = Cell::new(0);
        let looked_once = || {
            looks.set(looks.get() + 1);
            let first = looks.get() == 1;
            async move { if first { Ok(false) } else { Err(error(ErrorClass::Credentials)) } }
        };
        let sent = send_again::<(), _, _>(true, call, looked_once).await;
        assert_eq!(sent, Sent::Unknown(error(ErrorClass::Other)), "it may be seen later");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_with_a_client_token_is_sent_again_without_a_look() {
        for (answers, expected) in [
            (vec![Err(ErrorClass::Server), Err(ErrorClass::Ambiguous), Ok(7)], Sent::Done(Some(7))),
            (vec![Err(ErrorClass::Denied)], Sent::Refused(error(ErrorClass::Denied))),
            (vec![Err(ErrorClass::Server), Err(ErrorClass::Denied)], Sent::Unknown(error(ErrorClass::Denied))),
            (vec![Err(ErrorClass::Server); 4], Sent::Unknown(error(ErrorClass::Server))),
        ] {
            let calls = Cell::new(0);
            let sent = send_by_token(|| {
                let answer = answers[calls.get()].map_err(error);
                calls.set(calls.get() + 1);
                async move { answer }
            })
            .await;
            assert_eq!((sent, calls.get()), (expected, answers.len()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_looked_at_is_unknown_and_not_sent_again() {
        let calls = Cell::new(0);
        let sent = send::<(), _, _>(
            || {
                calls.set(calls.get() + 1);
                async { Err(error(ErrorClass::Ambiguous)) }
            },
            || async { Err(error(ErrorClass::Denied)) },
        )
        .await;
        assert_eq!((sent, calls.get()), (Sent::Unknown(error(ErrorClass::Ambiguous)), 1));
    }
}
