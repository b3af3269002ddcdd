//! amictl's own page loop. The SDK's paginators end quietly on a repeated token; here that is a failure.

use std::collections::HashSet;

use amictl_model::Region;

use crate::{Call, CloudError, Operation};

/// An operation that answers in pages.
pub trait Paged: Operation {
    /// The request for the page after this token.
    fn with_token(request: &Self::Request, token: Option<String>) -> Self::Request;
    /// Takes the token of the next page out of a reply; an empty one ends the list like a missing one.
    fn take_token(reply: &mut Self::Reply) -> Option<String>;
}

/// Pages of one listing, at most: 1,000 items each would be a hundred million items.
const PAGES_MAX: u64 = 100_000;

/// Why a listing could not be read whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CloudError),
    /// A page token came twice: the rest of the list is out of reach, so the list is not whole.
    #[error("{operation}: page {page} repeats the token of an earlier page, so the list cannot be read whole")]
    RepeatedToken {
        /// The operation.
        operation: &'static str,
        /// The page that carried it, counted from 1.
        page: u64,
    },
    /// The list does not end.
    #[error("{operation}: the list did not end after {PAGES_MAX} pages")]
    Endless {
        /// The operation.
        operation: &'static str,
    },
}

/// Reads every page of a listing in order and hands each to `each`; returns the number of calls, also on failure.
pub async fn for_each_page<O: Paged>(
    cloud: &(impl Call<O> + ?Sized),
    region: &Region,
    request: O::Request,
    mut each: impl FnMut(O::Reply),
) -> (u64, Result<(), PageError>) {
    let mut seen: HashSet<String> = HashSet::new();
    let mut token = None;
    let mut pages = 0;
    loop {
        pages += 1;
        let mut reply = match cloud.call(region, O::with_token(&request, token.take())).await {
            Ok(reply) => reply,
            Err(error) => return (pages, Err(error.into())),
        };
        token = O::take_token(&mut reply).filter(|token| !token.is_empty());
        each(reply);
        let Some(next) = &token else { return (pages, Ok(())) };
        if !seen.insert(next.clone()) {
            return (pages, Err(PageError::RepeatedToken { operation: O::SPEC.name, page: pages }));
        }
        if pages >= PAGES_MAX {
            return (pages, Err(PageError::Endless { operation: O::SPEC.name }));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::FutureExt;
    use futures::future::BoxFuture;

    use super::*;
    use crate::ops::{DescribeSnapshots, DescribeSnapshotsReply, DescribeSnapshotsRequest};

    /// Answers with these tokens, one a page.
    struct Tokens(Mutex<Vec<Option<&'static str>>>);

    impl Call<DescribeSnapshots> for Tokens {
        fn call<'a>(
            &'a self,
            _: &'a Region,
            _: DescribeSnapshotsRequest,
        ) -> BoxFuture<'a, Result<DescribeSnapshotsReply, CloudError>> {
            let next_token = self.0.lock().unwrap().remove(0).map(String::from);
            async move { Ok(DescribeSnapshotsReply { snapshots: Vec::new(), next_token }) }.boxed()
        }
    }

    async fn read(tokens: &[Option<&'static str>]) -> (u64, u64, Result<(), PageError>) {
        let cloud = Tokens(Mutex::new(tokens.to_vec()));
        let mut handed = 0;
        let request = DescribeSnapshotsRequest::default();
        let region = "us-east-1".parse().unwrap();
        let (calls, result) = for_each_page::<DescribeSnapshots>(&cloud, &region, request, |_| handed += 1).await;
        (calls, handed, result)
    }

    #[tokio::test]
    async fn empty_pages_with_a_token_are_followed_and_an_empty_token_ends() {
        assert_eq!(read(&[Some("a"), Some("b"), None]).await, (3, 3, Ok(())));
        assert_eq!(read(&[Some("a"), Some("")]).await, (2, 2, Ok(())));
    }

    #[tokio::test]
    async fn a_repeated_token_is_a_failure_and_never_a_short_list() {
        let (calls, _, result) = read(&[Some("a"), Some("b"), Some("a"), None]).await;
        assert_eq!((calls, result), (3, Err(PageError::RepeatedToken { operation: "DescribeSnapshots", page: 3 })));
    }
}
