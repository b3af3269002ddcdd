use amictl_cloud::ops::ListServiceQuotasReply;

super::over_sdk!(
    ListServiceQuotas,
    |clients, request| clients
        .servicequotas()
        .list_service_quotas()
        .service_code(&request.service_code)
        .max_results(100)
        .set_next_token(request.next_token.clone()),
    |output| Ok(ListServiceQuotasReply {
        quotas: output
            .quotas
            .unwrap_or_default()
            .into_iter()
            .filter_map(|quota| Some((quota.quota_name?, quota.value?)))
            .collect(),
        next_token: output.next_token,
    })
);
