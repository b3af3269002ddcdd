use aws_sdk_ec2::types::Tag;

super::over_sdk!(
    DeleteTags,
    |clients, request| {
        let tags = request.keys.iter().map(|key| Tag::builder().key(key).build());
        clients.ec2().delete_tags().resources(request.image.as_str()).set_tags(Some(tags.collect()))
    },
    |_output| Ok(())
);
