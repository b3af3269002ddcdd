use amictl_cloud::ops::RegionSetting;

super::over_sdk!(
    GetImageBlockPublicAccessState,
    |clients, _request| clients.ec2().get_image_block_public_access_state(),
    |output| Ok(RegionSetting {
        state: output.image_block_public_access_state.unwrap_or_default(),
        managed_by: output.managed_by.map(|managed_by| managed_by.as_str().to_owned()),
    })
);
