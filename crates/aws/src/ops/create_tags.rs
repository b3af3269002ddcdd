use aws_sdk_ec2::types::Tag;

super::over_sdk!(
    CreateTags,
    |clients, request| {
        let tags = request.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        clients.ec2().create_tags().resources(&request.resource).set_tags(Some(tags.collect()))
    },
    |_output| Ok(())
);
