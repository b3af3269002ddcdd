//! The criteria of allowed images, read and written.

use amictl_model::AccountId;
use compact_str::CompactString;

use crate::Fault;
use crate::wire::{Params, Xml};
use crate::world::ImageCriterion;

const CRITERIA_MAX: usize = 10;
const PROVIDERS_MAX: usize = 200;
const NAMES_MAX: usize = 50;
const PRODUCT_CODES_MAX: usize = 50;

/// `ImageCriterion.N`, checked.
pub(crate) fn criteria(params: &Params) -> Result<Vec<ImageCriterion>, Fault> {
    let criteria = params.structures("ImageCriterion")?;
    if criteria.len() > CRITERIA_MAX {
        return Err(too_many("ImageCriteria", CRITERIA_MAX));
    }
    criteria.into_iter().map(criterion).collect()
}

fn too_many(what: &str, max: usize) -> Fault {
    Fault::new("InvalidParameterValue", format!("At most {max} values can be specified for {what}"))
}

fn criterion(params: &Params) -> Result<ImageCriterion, Fault> {
    for name in ["ImageWatermark", "ScanResultCondition"] {
        if params.structure(name).is_some() {
            let message = format!("{name} cannot be used here: images have neither watermarks nor scan results.");
            return Err(Fault::new("UnsupportedOperation", message));
        }
    }
    let days = |structure: &str, name: &str| match params.structure(structure) {
        Some(condition) => condition.unsigned(name)?.ok_or_else(|| Fault::missing(name)).map(Some),
        None => Ok(None),
    };
    let criterion = ImageCriterion {
        providers: providers(params)?,
        product_codes: product_codes(params)?,
        names: names(params)?,
        days_since_deprecated_max: days("DeprecationTimeCondition", "MaximumDaysSinceDeprecated")?,
        days_since_created_max: days("CreationDateCondition", "MaximumDaysSinceCreated")?,
    };
    if criterion == ImageCriterion::default() { Err(Fault::missing("ImageProvider")) } else { Ok(criterion) }
}

fn providers(params: &Params) -> Result<Vec<CompactString>, Fault> {
    let providers = params.texts("ImageProvider")?;
    if providers.len() > PROVIDERS_MAX {
        return Err(too_many("ImageProviders", PROVIDERS_MAX));
    }
    let is_known = |provider: &str| {
        ["amazon", "aws-marketplace", "aws-backup-vault", "none"].contains(&provider)
            || provider.parse::<AccountId>().is_ok()
    };
    if let Some(provider) = providers.iter().find(|provider| !is_known(provider)) {
        return Err(Fault::invalid_value("ImageProvider", provider));
    }
    if providers.len() > 1 && providers.iter().any(|provider| provider == "none") {
        let message = "When 'none' is specified as image provider, no other value can be specified";
        return Err(Fault::new("InvalidParameterCombination", message));
    }
    Ok(providers.into_iter().map(CompactString::from).collect())
}

fn product_codes(params: &Params) -> Result<Vec<CompactString>, Fault> {
    let codes = params.texts("MarketplaceProductCode")?;
    if codes.len() > PRODUCT_CODES_MAX {
        return Err(too_many("MarketplaceProductCodes", PRODUCT_CODES_MAX));
    }
    let is_code = |code: &str| (1..=25).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match codes.iter().find(|code| !is_code(code)) {
        Some(code) => Err(Fault::invalid_value("MarketplaceProductCode", code)),
        None => Ok(codes.into_iter().map(CompactString::from).collect()),
    }
}

fn names(params: &Params) -> Result<Vec<Box<str>>, Fault> {
    let names = params.texts("ImageName")?;
    if names.len() > NAMES_MAX {
        return Err(too_many("ImageNames", NAMES_MAX));
    }
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || "()[]./-'@_*? ".contains(character);
    let is_name = |name: &str| (1..=128).contains(&name.len()) && name.chars().all(is_allowed);
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => Err(Fault::invalid_value("ImageName", name)),
        None => Ok(names.into_iter().map(String::into_boxed_str).collect()),
    }
}

/// `ImageCriteria`.
pub(crate) fn write_criteria(xml: &mut Xml, criteria: &[ImageCriterion]) {
    xml.list("imageCriterionSet", "item", criteria, |xml, criterion| {
        if !criterion.providers.is_empty() {
            xml.texts("imageProviderSet", "item", &criterion.providers);
        }
        if !criterion.product_codes.is_empty() {
            xml.texts("marketplaceProductCodeSet", "item", &criterion.product_codes);
        }
        if !criterion.names.is_empty() {
            xml.texts("imageNameSet", "item", &criterion.names);
        }
        if let Some(days) = criterion.days_since_deprecated_max {
            xml.element("deprecationTimeCondition", |xml| xml.value("maximumDaysSinceDeprecated", days));
        }
        if let Some(days) = criterion.days_since_created_max {
            xml.element("creationDateCondition", |xml| xml.value("maximumDaysSinceCreated", days));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode_form;

    #[test]
    fn criteria_are_read_strictly() {
        let read = |form: &str| criteria(&decode_form(form.as_bytes()).unwrap());
        assert_eq!(read("").unwrap(), Vec::new());
        let form = "ImageCriterion.1.ImageProvider.1=amazon&ImageCriterion.2.ImageName.1=golden-*&\
                    ImageCriterion.2.CreationDateCondition.MaximumDaysSinceCreated=300";
        assert_eq!(read(form).unwrap().len(), 2);
        for form in [
            "ImageCriterion.1.ImageProvider.1=azure",
            "ImageCriterion.1.ImageProvider.1=none&ImageCriterion.1.ImageProvider.2=amazon",
            "ImageCriterion.1.MarketplaceProductCode.1=a-b",
            "ImageCriterion.1.ImageName.1=%24",
            "ImageCriterion.1.CreationDateCondition.MaximumDaysSinceCreated=-1",
            "ImageCriterion.1.CreationDateCondition.Other=1",
            "ImageCriterion.1.Nothing=1",
        ] {
            assert!(read(form).is_err(), "{form}");
        }
        let many: String = (1..=11).map(|n| format!("ImageCriterion.{n}.ImageProvider.1=amazon&")).collect();
        assert!(read(many.trim_end_matches('&')).is_err());
    }
}
