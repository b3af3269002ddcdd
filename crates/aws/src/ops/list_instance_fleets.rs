use amictl_cloud::ops::OfClusterReply;

use super::launchers::filled;

super::over_sdk!(
    ListInstanceFleets,
    |clients, request| clients
        .emr()
        .list_instance_fleets()
        .cluster_id(&request.cluster)
        .set_marker(request.next_token.clone()),
    |output| {
        let fleets = output.instance_fleets.unwrap_or_default().into_iter();
        let types = fleets.flat_map(|fleet| fleet.instance_type_specifications.unwrap_or_default());
        Ok(OfClusterReply {
            custom_images: types.filter_map(|of_type| filled(of_type.custom_ami_id)).collect(),
            next_token: output.marker,
        })
    }
);
