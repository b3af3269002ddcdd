//! Block public access and allowed images.

use super::aws::{Aws, OTHER, text, texts, try_text};

#[test]
fn block_public_access_takes_its_time_and_then_refuses() {
    let aws = Aws::slow();
    let (image, _) = aws.own().image("web-1");
    aws.pass_secs(60);
    let state = || text(&aws.does("GetImageBlockPublicAccessState"), "imageBlockPublicAccessState");
    let reply = aws.does("EnableImageBlockPublicAccess&ImageBlockPublicAccessState=block-new-sharing");
    assert_eq!(
        (text(&reply, "imageBlockPublicAccessState"), state()),
        ("block-new-sharing".into(), "unblocked".into())
    );
    aws.pass_secs(60);
    assert_eq!(state(), "block-new-sharing");
    let public = format!("ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.Group=all");
    assert_eq!(aws.fails(&public), "OperationNotPermitted");
    assert_eq!(aws.fails(&public.replace("=all", "=some")), "InvalidAMIAttributeItemValue");
    aws.does("DisableImageBlockPublicAccess");
    aws.pass_secs(60);
    aws.does(&public);
}

#[test]
fn images_that_are_not_allowed_are_hidden() {
    let aws = Aws::new();
    let (image, _) = aws.other().image("golden-1");
    let (own, _) = aws.own().image("web-1");
    aws.other().does(&format!("ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.UserId=123456789012"));
    assert_eq!(try_text(&aws.own().describe(&image), "imageAllowed"), None);
    let criteria = "ReplaceImageCriteriaInAllowedImagesSettings&ImageCriterion.1.ImageProvider.1";
    aws.does(&format!("{criteria}=amazon"));
    aws.does("EnableAllowedImagesSettings&AllowedImagesSettingsState=audit-mode");
    assert_eq!(text(&aws.own().describe(&image), "imageAllowed"), "false");
    assert_eq!(text(&aws.own().describe(&own), "imageAllowed"), "true");
    aws.does(&format!("RunInstances&ImageId={image}&MinCount=1&MaxCount=1"));
    aws.does("EnableAllowedImagesSettings&AllowedImagesSettingsState=enabled");
    for form in [
        format!("DescribeImages&ImageId.1={image}"),
        format!("RunInstances&ImageId={image}&MinCount=1&MaxCount=1"),
        format!("CopyImage&SourceImageId={image}&SourceRegion=us-east-1&Name=copy"),
    ] {
        assert_eq!(aws.fails(&form), "InvalidAMIID.NotFound", "{form}");
    }
    assert_eq!(texts(&aws.does("DescribeImages"), "imageId"), [own]);
    // What runs already is told all the same.
    let running = aws.does("DescribeInstanceImageMetadata&Filter.1.Name=image-allowed&Filter.1.Value.1=false");
    assert_eq!(texts(&running, "imageId"), [image.as_str()]);
    aws.does(&format!("{criteria}={OTHER}"));
    assert_eq!(text(&aws.own().describe(&image), "imageAllowed"), "true");
    let settings = aws.does("GetAllowedImagesSettings");
    assert!(settings.contains(&format!("<imageProviderSet><item>{OTHER}</item>")), "{settings}");
    aws.does("DisableAllowedImagesSettings");
    assert_eq!(text(&aws.does("GetAllowedImagesSettings"), "state"), "disabled");
}
