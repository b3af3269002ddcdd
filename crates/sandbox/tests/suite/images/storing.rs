//! Images in buckets: stored and restored, and registered of a bundle.

use amictl_sandbox::world::s3::Object;

use super::aws::{Aws, text, texts, try_text};

fn with_bucket(aws: &Aws, name: &str, region: &str) {
    let now = aws.sandbox.clock().now();
    let account = "123456789012".parse().unwrap();
    aws.sandbox.world().s3.create_bucket(name, account, region.parse().unwrap(), now);
}

#[test]
fn a_stored_image_can_be_restored() {
    let aws = Aws::slow();
    with_bucket(&aws, "store", "us-east-1");
    with_bucket(&aws, "far", "us-west-2");
    let (image, _) = aws.own().image("web-1");
    aws.does(&format!("CreateTags&ResourceId.1={image}&Tag.1.Key=app&Tag.1.Value=web"));
    aws.pass_secs(60);
    for bucket in ["none", "far"] {
        let refused = aws.fails(&format!("CreateStoreImageTask&ImageId={image}&Bucket={bucket}"));
        assert_eq!(refused, "InvalidParameterValue", "{bucket}");
    }
    let key = text(&aws.does(&format!("CreateStoreImageTask&ImageId={image}&Bucket=store")), "objectKey");
    assert_eq!(key, format!("{image}.bin"));
    aws.pass_secs(15);
    let task = aws.does("DescribeStoreImageTasks");
    assert_eq!((text(&task, "storeTaskState"), text(&task, "progressPercentage")), ("InProgress".into(), "25".into()));
    let restore = format!("CreateRestoreImageTask&Bucket=store&ObjectKey={key}");
    assert_eq!(aws.fails(&restore), "InvalidParameterValue");
    aws.pass_secs(45);
    assert_eq!(text(&aws.does(&format!("DescribeStoreImageTasks&ImageId.1={image}")), "storeTaskState"), "Completed");
    assert_eq!(aws.fails(&restore), "InvalidAMIName.Duplicate");
    let restored = text(&aws.does(&format!("{restore}&Name=web-restored")), "imageId");
    let shown = aws.own().describe(&restored);
    assert_eq!((text(&shown, "imageState").as_str(), text(&shown, "name").as_str()), ("pending", "web-restored"));
    assert_eq!((text(&shown, "sourceImageId"), text(&shown, "key").as_str()), (image, "app"));
    assert_ne!(try_text(&shown, "snapshotId"), None);
    aws.pass_secs(31 * 86_400);
    assert!(texts(&aws.does("DescribeStoreImageTasks"), "amiId").is_empty());
}

#[test]
fn a_bundle_needs_a_manifest_that_can_be_read() {
    let aws = Aws::new();
    with_bucket(&aws, "bundles", "us-east-1");
    let manifest = "<?xml version=\"1.0\"?><manifest><version>2007-10-10</version><machine_configuration>\
        <architecture>x86_64</architecture></machine_configuration><image><name>image</name><parts count=\"1\">\
        <part index=\"0\"><filename>image.part.0</filename></part></parts></image></manifest>";
    let now = aws.sandbox.clock().now();
    let put = |key: &str, body: &'static str| {
        assert!(aws.sandbox.world().put_object("bundles", key, Object::new(body.as_bytes(), now)));
    };
    put("web/image.manifest.xml", manifest);
    put("web/broken.manifest.xml", "<manifest>");
    let register = |location: &str| format!("RegisterImage&Name=bundle&ImageLocation={location}");
    for location in
        ["bundles/web/none.manifest.xml", "nowhere/web/image.manifest.xml", "bundles/web/broken.manifest.xml"]
    {
        assert_eq!(aws.fails(&register(location)), "InvalidManifest", "{location}");
    }
    let image = text(&aws.does(&register("bundles/web/image.manifest.xml")), "imageId");
    let shown = aws.own().describe(&image);
    assert_eq!(
        (text(&shown, "rootDeviceType").as_str(), text(&shown, "architecture").as_str()),
        ("instance-store", "x86_64")
    );
    assert_eq!(text(&shown, "imageLocation"), "bundles/web/image.manifest.xml");
    assert_eq!(aws.fails(&format!("CreateStoreImageTask&ImageId={image}&Bucket=bundles")), "UnsupportedOperation");
    // Bundles are not kept in the Recycle Bin.
    aws.own().retain("EC2_IMAGE", 7);
    aws.does(&format!("DeregisterImage&ImageId={image}"));
    assert!(texts(&aws.does("ListImagesInRecycleBin"), "imageId").is_empty());
}
