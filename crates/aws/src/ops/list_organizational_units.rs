use amictl_cloud::ops::ListOrganizationalUnitsForParentReply;

super::over_sdk!(
    ListOrganizationalUnitsForParent,
    |clients, request| clients
        .organizations()
        .list_organizational_units_for_parent()
        .parent_id(&request.parent)
        .max_results(20)
        .set_next_token(request.next_token.clone()),
    |output| Ok(ListOrganizationalUnitsForParentReply {
        units: output.organizational_units.unwrap_or_default().into_iter().filter_map(|unit| unit.id).collect(),
        next_token: output.next_token,
    })
);
