//! Parameters of Systems Manager: any text or list of texts whose value holds an image id, whatever its data type.
//!
//! A value that names another parameter or a launch template holds no id, and leads to none by itself.

use amictl_cloud::Call;
use amictl_cloud::ops::{
    AllRequest, DescribeParameters, DescribeParametersReply, GetParameters, GetParametersReply, GetParametersRequest,
};
use amictl_model::Source;
use compact_str::CompactString;
use futures::stream::{self, StreamExt};

use crate::Reader;
use crate::files::image_ids;
use crate::listed::{Listed, Target};

/// Parameters of one call.
const PARAMETERS_PER_CALL_MAX: usize = 10;
/// The data type whose value is checked to be an image id.
const OF_IMAGES: &str = "aws:ec2:image";

/// Lists what the account and Region have of them.
pub(crate) async fn list(reader: Reader<'_>) -> Listed {
    let mut listed = Listed::begin(reader, Source::SsmParameters);
    let mut names: Vec<String> = Vec::new();
    let each = |page: DescribeParametersReply| names.extend(page.names);
    reader.pages::<DescribeParameters>(&mut listed.tally, AllRequest::default(), each).await;
    names.sort_unstable();
    names.dedup();
    let requests = names.chunks(PARAMETERS_PER_CALL_MAX).map(|names| GetParametersRequest { names: names.to_vec() });
    let requests: Vec<GetParametersRequest> = requests.collect();
    let mut answers = stream::iter(requests)
        .map(|request| async move {
            let answer = Call::<GetParameters>::call(reader.cloud, &reader.scope.region, request.clone()).await;
            (request.names, answer)
        })
        .buffer_unordered(reader.concurrency.max(1));
    while let Some((names, answer)) = answers.next().await {
        listed.tally.calls += 1;
        match answer {
            Ok(reply) => enter(&mut listed, &names, reply),
            Err(error) => {
                let is_denied = error.class == amictl_cloud::ErrorClass::Denied;
                listed.tally.fail(&error.into());
                // Parameters can be forbidden one by one, but then one of these is, and that is all there is to know.
                if is_denied {
                    break;
                }
            }
        }
    }
    drop(answers);
    listed
}

/// Enters the parameters of one call; those that have been deleted since they were listed are called invalid.
fn enter(listed: &mut Listed, asked: &[String], reply: GetParametersReply) {
    for name in asked {
        let is_told = reply.parameters.iter().any(|parameter| parameter.name == *name) || reply.invalid.contains(name);
        if !is_told {
            listed.tally.unresolved(format!("parameter {name} was asked for and not answered"));
        }
    }
    for parameter in reply.parameters {
        listed.tally.items += 1;
        let what = match parameter.data_type.as_str() {
            OF_IMAGES => "SSM parameter of type aws:ec2:image",
            _ => "SSM parameter",
        };
        let resource = CompactString::from(parameter.name);
        for image in image_ids(&parameter.value) {
            listed.name(&resource, &what.into(), "", Target::Image(image.to_string()));
        }
    }
}
