use amictl_cloud::ops::RegionSetting;

super::over_sdk!(GetAllowedImagesSettings, |clients, _request| clients.ec2().get_allowed_images_settings(), |output| {
    Ok(RegionSetting {
        state: output.state.unwrap_or_default(),
        managed_by: output.managed_by.map(|managed_by| managed_by.as_str().to_owned()),
    })
});
