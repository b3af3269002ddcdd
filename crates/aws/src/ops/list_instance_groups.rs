use amictl_cloud::ops::OfClusterReply;

use super::launchers::filled;

super::over_sdk!(
    ListInstanceGroups,
    |clients, request| clients
        .emr()
        .list_instance_groups()
        .cluster_id(&request.cluster)
        .set_marker(request.next_token.clone()),
    |output| {
        let groups = output.instance_groups.unwrap_or_default().into_iter();
        Ok(OfClusterReply {
            custom_images: groups.filter_map(|group| filled(group.custom_ami_id)).collect(),
            next_token: output.marker,
        })
    }
);
