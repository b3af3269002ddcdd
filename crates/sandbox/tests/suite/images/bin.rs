//! The Recycle Bin.

use super::aws::{Aws, OTHER, text, texts, try_text};

#[test]
fn a_binned_image_comes_back_with_its_sharing() {
    let aws = Aws::new();
    aws.own().retain("EC2_IMAGE", 7);
    let (image, snapshot) = aws.own().image("web-1");
    aws.does(&format!("ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.UserId={OTHER}"));
    aws.does(&format!("DeregisterImage&ImageId={image}"));
    assert_eq!(aws.fails(&format!("DescribeImages&ImageId.1={image}")), "InvalidAMIID.NotFound");
    let listed = aws.does("ListImagesInRecycleBin");
    assert_eq!((text(&listed, "imageId"), text(&listed, "name")), (image.clone(), "web-1".to_owned()));
    assert!(text(&listed, "recycleBinExitTime").starts_with("2026-11-28"));
    // What only shows there is tagged so, and can be tagged.
    let tags = aws.does(&format!("DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1={image}"));
    assert_eq!(texts(&tags, "key"), ["aws:recycle-bin:resource-in-bin"]);
    aws.does(&format!("CreateTags&ResourceId.1={image}&Tag.1.Key=why&Tag.1.Value=mistake"));
    aws.does(&format!("RestoreImageFromRecycleBin&ImageId={image}"));
    let shown = aws.own().describe(&image);
    assert_eq!((text(&shown, "imageState").as_str(), texts(&shown, "key")), ("available", vec!["why".to_owned()]));
    assert!(aws.other().describe(&image).contains(&image));
    assert_eq!(aws.fails(&format!("DeleteSnapshot&SnapshotId={snapshot}")), "InvalidSnapshot.InUse");
    assert!(texts(&aws.does("ListImagesInRecycleBin"), "imageId").is_empty());
}

#[test]
fn an_image_whose_snapshots_are_gone_cannot_be_restored() {
    let aws = Aws::new();
    aws.own().retain("EC2_IMAGE", 7);
    let (image, snapshot) = aws.own().image("web-1");
    let reply = aws.does(&format!("DeregisterImage&ImageId={image}&DeleteAssociatedSnapshots=true"));
    assert_eq!((text(&reply, "snapshotId"), text(&reply, "returnCode")), (snapshot, "success".to_owned()));
    assert_eq!(aws.fails(&format!("RestoreImageFromRecycleBin&ImageId={image}")), "IncorrectState");
}

#[test]
fn the_bin_expires_by_the_clock() {
    let aws = Aws::new();
    aws.own().retain("EC2_IMAGE", 1);
    let (image, _) = aws.own().image("web-1");
    aws.does(&format!("DeregisterImage&ImageId={image}"));
    aws.pass_secs(86_400 - 1);
    assert_eq!(texts(&aws.does("ListImagesInRecycleBin"), "imageId").len(), 1);
    aws.pass_secs(1);
    assert!(texts(&aws.does("ListImagesInRecycleBin"), "imageId").is_empty());
    assert_eq!(aws.fails(&format!("RestoreImageFromRecycleBin&ImageId={image}")), "InvalidAMIID.NotFound");
}

#[test]
fn the_bin_has_pages() {
    let aws = Aws::new();
    aws.own().retain("EC2_IMAGE", 1);
    let snapshot = aws.own().snapshot();
    let mut images: Vec<String> = (0..7).map(|n| aws.own().registered(&format!("web-{n}"), &snapshot)).collect();
    images.iter().for_each(|image| drop(aws.does(&format!("DeregisterImage&ImageId={image}"))));
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = aws.does(&format!("ListImagesInRecycleBin&MaxResults=3{token}"));
        seen.extend(texts(&page, "imageId"));
        match try_text(&page, "nextToken") {
            Some(next) => token = format!("&NextToken={next}"),
            None => break,
        }
    }
    images.sort();
    assert_eq!(seen, images);
}

#[test]
fn a_locked_snapshot_outlives_its_image() {
    let aws = Aws::new();
    let (image, snapshot) = aws.own().image("web-1");
    aws.does(&format!("LockSnapshot&SnapshotId={snapshot}&LockMode=governance&LockDuration=1"));
    let reply = aws.does(&format!("DeregisterImage&ImageId={image}&DeleteAssociatedSnapshots=true"));
    assert_eq!((text(&reply, "return").as_str(), text(&reply, "returnCode").as_str()), ("true", "client-error"));
    assert_eq!(texts(&aws.does("DescribeSnapshots&Owner.1=self"), "snapshotId"), [snapshot]);
}

#[test]
fn both_bins_give_back_snapshots_first() {
    let aws = Aws::new();
    aws.own().retain("EC2_IMAGE", 7);
    aws.own().retain("EBS_SNAPSHOT", 7);
    let (image, snapshot) = aws.own().image("web-1");
    aws.does(&format!("DeregisterImage&ImageId={image}&DeleteAssociatedSnapshots=true"));
    assert_eq!(aws.fails(&format!("RestoreImageFromRecycleBin&ImageId={image}")), "IncorrectState");
    aws.does(&format!("RestoreSnapshotFromRecycleBin&SnapshotId={snapshot}"));
    aws.does(&format!("RestoreImageFromRecycleBin&ImageId={image}"));
    assert_eq!(text(&aws.own().describe(&image), "snapshotId"), snapshot);
}

#[test]
fn without_a_rule_nothing_is_kept_and_shared_snapshots_are_skipped() {
    let aws = Aws::new();
    let (image, snapshot) = aws.own().image("web-1");
    let twin = aws.own().registered("web-2", &snapshot);
    let reply = aws.does(&format!("DeregisterImage&ImageId={image}&DeleteAssociatedSnapshots=true"));
    assert_eq!(text(&reply, "returnCode"), "skipped");
    assert!(texts(&aws.does("ListImagesInRecycleBin"), "imageId").is_empty());
    let reply = aws.does(&format!("DeregisterImage&ImageId={twin}&DeleteAssociatedSnapshots=true"));
    assert_eq!(text(&reply, "returnCode"), "success");
}
