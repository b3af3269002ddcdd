//! EC2 `DescribeImageAttribute`.

use amictl_cloud::{Operation, OperationSpec, ops};
use amictl_model::{Grantee, ImageId};

use super::own_image::own_image;
use crate::ops::input::image_id;
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::{Fault, World};

pub(crate) struct DescribeImageAttribute;

pub(crate) struct DescribeImageAttributeInput {
    pub(crate) image: ImageId,
    pub(crate) attribute: String,
}

pub(crate) struct DescribeImageAttributeOutput {
    image: ImageId,
    pub(crate) attribute: Attribute,
}

/// The attribute that was asked for.
pub(crate) enum Attribute {
    /// `launchPermission`.
    LaunchPermission(Vec<Grantee>),
    /// `productCodes`: there are none here.
    ProductCodes,
    /// An attribute of one value, which may be empty.
    Value(&'static str, Option<String>),
}

impl Op for DescribeImageAttribute {
    const SPEC: OperationSpec = <ops::DescribeLaunchPermissions as Operation>::SPEC;
    type Input = DescribeImageAttributeInput;
    type Output = DescribeImageAttributeOutput;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeImageAttributeInput {
            image: image_id(params.required("ImageId")?)?,
            attribute: params.required("Attribute")?.to_owned(),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let image = own_image(world, ctx, &input.image)?;
        let compact = |text: &Option<compact_str::CompactString>| text.as_ref().map(ToString::to_string);
        let attribute = match input.attribute.as_str() {
            "launchPermission" => Attribute::LaunchPermission(image.permissions.iter().cloned().collect()),
            "productCodes" => Attribute::ProductCodes,
            "description" => Attribute::Value("description", image.description.as_ref().map(ToString::to_string)),
            "kernel" => Attribute::Value("kernel", compact(&image.traits.kernel)),
            "ramdisk" => Attribute::Value("ramdisk", compact(&image.traits.ramdisk)),
            "sriovNetSupport" => Attribute::Value("sriovNetSupport", compact(&image.traits.sriov_net_support)),
            "bootMode" => Attribute::Value("bootMode", compact(&image.traits.boot_mode)),
            "tpmSupport" => Attribute::Value("tpmSupport", compact(&image.traits.tpm_support)),
            "uefiData" => Attribute::Value("uefiData", None),
            "imdsSupport" => Attribute::Value("imdsSupport", compact(&image.traits.imds_support)),
            "lastLaunchedTime" => Attribute::Value("lastLaunchedTime", image.launches.shown(ctx.now).map(wire_time)),
            "deregistrationProtection" => {
                Attribute::Value("deregistrationProtection", Some(image.protection.wire(ctx.now)))
            }
            "blockDeviceMapping" => {
                return Err(Fault::new("AuthFailure", "Unauthorized attempt to access restricted resource"));
            }
            other => return Err(Fault::invalid_value("Attribute", other)),
        };
        Ok(DescribeImageAttributeOutput { image: input.image, attribute })
    }
}

impl Encode for DescribeImageAttributeOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.text("imageId", &self.image);
        match &self.attribute {
            Attribute::LaunchPermission(grantees) => {
                xml.list("launchPermission", "item", grantees, |xml, grantee| match grantee {
                    Grantee::Account(account) => xml.value("userId", account),
                    Grantee::Group(group) => xml.text("group", group),
                    Grantee::Organization(arn) => xml.text("organizationArn", arn),
                    Grantee::OrganizationalUnit(arn) => xml.text("organizationalUnitArn", arn),
                });
            }
            Attribute::ProductCodes => xml.element("productCodes", |_| {}),
            Attribute::Value(name, value) => xml.element(name, |xml| xml.optional("value", value.as_ref())),
        }
    }
}
