use amictl_cloud::ops::{ListObjectVersionsReply, ListedVersion, version_markers, version_token};
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;

fn versions(output: &ListObjectVersionsOutput) -> Vec<ListedVersion> {
    let versions = output.versions().iter().map(|version| ListedVersion {
        key: version.key().unwrap_or_default().to_owned(),
        version: version.version_id().unwrap_or("null").to_owned(),
        bytes: version.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        is_delete_marker: false,
    });
    let markers = output.delete_markers().iter().map(|marker| ListedVersion {
        key: marker.key().unwrap_or_default().to_owned(),
        version: marker.version_id().unwrap_or("null").to_owned(),
        bytes: 0,
        is_delete_marker: true,
    });
    versions.chain(markers).collect()
}

super::over_sdk!(
    ListObjectVersions,
    |clients, request| {
        let (key, version) = request.next_token.as_deref().map_or((None, None), |token| {
            let (key, version) = version_markers(token);
            (Some(key.to_owned()), version.map(str::to_owned))
        });
        clients
            .s3()
            .list_object_versions()
            .bucket(&request.bucket)
            .prefix(&request.prefix)
            .set_key_marker(key)
            .set_version_id_marker(version)
    },
    |output| {
        let is_cut = output.is_truncated.unwrap_or(false);
        let next = output.next_key_marker.as_deref().filter(|_| is_cut);
        Ok(ListObjectVersionsReply {
            versions: versions(&output),
            next_token: next.map(|key| version_token(key, output.next_version_id_marker.as_deref())),
        })
    }
);
