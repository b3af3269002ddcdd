//! Sharing images, and seeing those of others.

use super::aws::{Aws, OTHER, text, texts, try_text};

fn share(image: &str, what: &str) -> String {
    format!("ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.{what}")
}

#[test]
fn what_is_shared_is_seen_until_the_consumer_leaves() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("web-1");
    aws.does(&format!("CreateTags&ResourceId.1={image}&Tag.1.Key=secret&Tag.1.Value=x"));
    assert_eq!(aws.other().fails(&format!("DescribeImages&ImageId.1={image}")), "InvalidAMIID.NotFound");
    aws.does(&share(&image, &format!("UserId={OTHER}")));
    let shown = aws.other().describe(&image);
    // Tags, protection and launches are for the owner's eyes.
    for owner_only in ["tagSet", "deregistrationProtection", "lastLaunchedTime"] {
        assert_eq!(try_text(&shown, owner_only), None, "{owner_only}");
    }
    let by_tag = "DescribeImages&Filter.1.Name=tag:secret&Filter.1.Value.1=x";
    assert_eq!((texts(&aws.other().does(by_tag), "imageId").len(), texts(&aws.does(by_tag), "imageId").len()), (0, 1));
    assert_eq!(texts(&aws.other().does("DescribeImages&ExecutableBy.1=self"), "imageId"), [image.as_str()]);
    assert_eq!(texts(&aws.does(&format!("DescribeImages&ExecutableBy.1={OTHER}")), "imageId"), [image.as_str()]);
    assert_eq!(aws.other().fails(&format!("DisableImage&ImageId={image}")), "AuthFailure");
    aws.other().does(&format!("CancelImageLaunchPermission&ImageId={image}"));
    assert_eq!(aws.other().fails(&format!("DescribeImages&ImageId.1={image}")), "InvalidAMIID.NotFound");
    let left = aws.does(&format!("DescribeImageAttribute&ImageId={image}&Attribute=launchPermission"));
    assert_eq!(try_text(&left, "userId"), None);
}

#[test]
fn an_organization_shares_with_its_accounts() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("web-1");
    aws.other().snapshot();
    let arn = aws.sandbox.world().organization().unwrap().arn();
    aws.does(&share(&image, &format!("OrganizationArn={arn}")));
    assert!(aws.other().describe(&image).contains(&image));
    assert_eq!(texts(&aws.other().does("DescribeImages&ExecutableBy.1=self"), "imageId"), [image.as_str()]);
    // Only a direct share can be given up.
    let refused = aws.other().fails(&format!("CancelImageLaunchPermission&ImageId={image}"));
    assert_eq!(refused, "OperationNotPermitted");
    aws.does(&format!("ModifyImageAttribute&ImageId={image}&LaunchPermission.Remove.1.OrganizationArn={arn}"));
    assert_eq!(aws.other().fails(&format!("DescribeImages&ImageId.1={image}")), "InvalidAMIID.NotFound");
}

#[test]
fn disabling_takes_the_sharing_and_enabling_does_not_bring_it_back() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("web-1");
    aws.does(&share(&image, &format!("UserId={OTHER}")));
    aws.does(&format!("DisableImage&ImageId={image}"));
    assert_eq!(aws.fails(&share(&image, &format!("UserId={OTHER}"))), "InvalidAMIID.Unavailable");
    assert!(texts(&aws.does("DescribeImages&Owner.1=self"), "imageId").is_empty());
    aws.does(&format!("EnableImage&ImageId={image}"));
    assert_eq!(aws.other().fails(&format!("DescribeImages&ImageId.1={image}")), "InvalidAMIID.NotFound");
}

#[test]
fn the_older_form_says_the_same() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("web-1");
    let form = format!("ModifyImageAttribute&ImageId={image}&Attribute=launchPermission&UserId.1={OTHER}");
    aws.does(&format!("{form}&OperationType=add"));
    assert!(aws.other().describe(&image).contains(&image));
    aws.does(&format!("{form}&OperationType=remove"));
    assert_eq!(aws.other().fails(&format!("DescribeImages&ImageId.1={image}")), "InvalidAMIID.NotFound");
    let both = format!("{}&Description.Value=x", share(&image, &format!("UserId={OTHER}")));
    assert_eq!(aws.fails(&both), "InvalidParameterCombination");
    aws.does(&format!("ModifyImageAttribute&ImageId={image}&Description.Value=new+text"));
    assert_eq!(text(&aws.own().describe(&image), "description"), "new text");
    aws.does(&format!("ModifyImageAttribute&ImageId={image}&ImdsSupport.Value=v2.0"));
    assert_eq!(text(&aws.own().describe(&image), "imdsSupport"), "v2.0");
}

#[test]
fn only_five_images_can_be_public() {
    let aws = Aws::new();
    let snapshot = aws.own().snapshot();
    let images: Vec<String> = (0..6).map(|n| aws.own().registered(&format!("web-{n}"), &snapshot)).collect();
    images[..5].iter().for_each(|image| drop(aws.does(&share(image, "Group=all"))));
    assert_eq!(aws.fails(&share(&images[5], "Group=all")), "ResourceLimitExceeded");
    aws.does(&share(&images[0], "Group=all"));
}
