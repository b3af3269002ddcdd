use amictl_cloud::ops::{ListAccounts, ListAccountsReply, ListAccountsRequest, OrganizationAccount};
use amictl_cloud::{Call, CloudError, Operation};
use amictl_model::Region;
use aws_sdk_organizations::types;
use aws_types::request_id::RequestId;
use futures::future::BoxFuture;

use crate::AwsCloud;
use crate::answer::Answer;
use crate::classify::classify;
use crate::convert::required;

const OPERATION: &str = ListAccounts::SPEC.name;

impl Call<ListAccounts> for AwsCloud {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: ListAccountsRequest,
    ) -> BoxFuture<'a, Result<ListAccountsReply, CloudError>> {
        Box::pin(async move {
            let request = &request;
            self.send::<ListAccounts, _, _>(region, |clients| async move {
                let client = clients.organizations();
                let (request_id, accounts, next_token) = match &request.parent {
                    Some(parent) => {
                        let call = client.list_accounts_for_parent().parent_id(parent).max_results(20);
                        let output = call.set_next_token(request.next_token.clone()).send().await;
                        let output = output.map_err(|error| classify(OPERATION, &error))?;
                        (output.request_id().map(str::to_owned), output.accounts, output.next_token)
                    }
                    None => {
                        let call = client.list_accounts().max_results(20);
                        let output = call.set_next_token(request.next_token.clone()).send().await;
                        let output = output.map_err(|error| classify(OPERATION, &error))?;
                        (output.request_id().map(str::to_owned), output.accounts, output.next_token)
                    }
                };
                let accounts = accounts.unwrap_or_default().into_iter().map(account).collect::<Result<_, _>>()?;
                Ok(Answer { output: ListAccountsReply { accounts, next_token }, request_id })
            })
            .await
        })
    }
}

fn account(account: types::Account) -> Result<OrganizationAccount, CloudError> {
    // `Status` is what `State` replaces.
    let state = account.state.as_ref().map(types::AccountState::as_str);
    Ok(OrganizationAccount {
        id: required(OPERATION, "Id", account.id.as_deref())?,
        name: account.name.unwrap_or_default(),
        is_active: state.is_none_or(|state| state == "ACTIVE"),
    })
}
