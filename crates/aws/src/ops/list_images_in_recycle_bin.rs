use amictl_cloud::CloudError;
use amictl_cloud::ops::ListImagesInRecycleBinReply;
use amictl_model::BinnedImage;

use crate::convert::{required, time};

super::over_sdk!(
    ListImagesInRecycleBin,
    |clients, request| clients
        .ec2()
        .list_images_in_recycle_bin()
        .max_results(1000)
        .set_next_token(request.next_token.clone()),
    |output| Ok(ListImagesInRecycleBinReply {
        images: output
            .images
            .unwrap_or_default()
            .into_iter()
            .map(|image| Ok(BinnedImage {
                id: required(OPERATION, "ImageId", image.image_id.as_deref())?,
                name: image.name.unwrap_or_default().into(),
                entered_at: time(image.recycle_bin_enter_time),
                leaves_at: time(image.recycle_bin_exit_time),
            }))
            .collect::<Result<_, CloudError>>()?,
        next_token: output.next_token,
    })
);
