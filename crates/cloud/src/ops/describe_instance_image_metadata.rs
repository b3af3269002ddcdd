super::lists_launchers! {
    /// EC2 `DescribeInstanceImageMetadata`: instances by `ImageMetadata.ImageId`, told even when the image is
    /// deregistered, private or not allowed.
    DescribeInstanceImageMetadata, Ec2
}
