//! The port's operations on the organisation and on quotas.

use amictl_cloud::ops::{
    ListAccounts, ListAccountsReply, ListAccountsRequest, ListOrganizationalUnitsForParent,
    ListOrganizationalUnitsForParentReply, ListOrganizationalUnitsForParentRequest, ListServiceQuotas,
    ListServiceQuotasReply, ListServiceQuotasRequest, OrganizationAccount,
};
use amictl_cloud::{Call, CloudError, Operation, OperationSpec, Service};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::{items, said, text};

/// `ListAccountsForParent`, which the port's `ListAccounts` is where a parent is given.
struct ListAccountsForParent;

impl Operation for ListAccountsForParent {
    type Request = ListAccountsRequest;
    type Reply = ListAccountsReply;
    const SPEC: OperationSpec = OperationSpec::read(Service::Organizations, "ListAccountsForParent");
}

impl Call<ListAccounts> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: ListAccountsRequest,
    ) -> BoxFuture<'a, Result<ListAccountsReply, CloudError>> {
        async move {
            let reply = match request.parent {
                Some(parent) => {
                    let members = json!({ "ParentId": parent, "MaxResults": 20, "NextToken": request.next_token });
                    self.ask::<ListAccountsForParent>(region, members).await?
                }
                None => {
                    let members = json!({ "MaxResults": 20, "NextToken": request.next_token });
                    self.ask::<ListAccounts>(region, members).await?
                }
            };
            let accounts = items(&reply, "Accounts").iter().filter_map(|account| {
                Some(OrganizationAccount {
                    id: text(account, "Id")?.parse().ok()?,
                    name: said(account, "Name"),
                    is_active: said(account, "Status") == "ACTIVE",
                })
            });
            Ok(ListAccountsReply { accounts: accounts.collect(), next_token: text(&reply, "NextToken") })
        }
        .boxed()
    }
}

impl Call<ListOrganizationalUnitsForParent> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: ListOrganizationalUnitsForParentRequest,
    ) -> BoxFuture<'a, Result<ListOrganizationalUnitsForParentReply, CloudError>> {
        async move {
            let members = json!({ "ParentId": request.parent, "MaxResults": 20, "NextToken": request.next_token });
            let reply = self.ask::<ListOrganizationalUnitsForParent>(region, members).await?;
            Ok(ListOrganizationalUnitsForParentReply {
                units: items(&reply, "OrganizationalUnits").iter().map(|unit| said(unit, "Id")).collect(),
                next_token: text(&reply, "NextToken"),
            })
        }
        .boxed()
    }
}

impl Call<ListServiceQuotas> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: ListServiceQuotasRequest,
    ) -> BoxFuture<'a, Result<ListServiceQuotasReply, CloudError>> {
        async move {
            let members =
                json!({ "ServiceCode": request.service_code, "MaxResults": 100, "NextToken": request.next_token });
            let reply = self.ask::<ListServiceQuotas>(region, members).await?;
            let value = |quota: &Value| quota.get("Value").and_then(Value::as_f64).unwrap_or_default();
            Ok(ListServiceQuotasReply {
                quotas: items(&reply, "Quotas").iter().map(|quota| (said(quota, "QuotaName"), value(quota))).collect(),
                next_token: text(&reply, "NextToken"),
            })
        }
        .boxed()
    }
}
