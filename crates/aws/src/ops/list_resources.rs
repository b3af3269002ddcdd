use amictl_cloud::ops::{ListResourcesReply, Resource};

super::over_sdk!(
    ListResources,
    |clients, request| clients
        .cloudcontrol()
        .list_resources()
        .type_name(&request.type_name)
        .set_resource_model(request.model.clone())
        .max_results(100)
        .set_next_token(request.next_token.clone()),
    |output| Ok(ListResourcesReply {
        resources: output
            .resource_descriptions
            .unwrap_or_default()
            .into_iter()
            .map(|found| Resource {
                id: found.identifier.unwrap_or_default(),
                properties: found.properties.unwrap_or_default(),
            })
            .collect(),
        next_token: output.next_token,
    })
);
