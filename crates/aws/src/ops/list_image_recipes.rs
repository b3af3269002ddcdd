use aws_sdk_imagebuilder::types::Ownership;

use super::launchers::{of_image, page};

super::over_sdk!(
    ListImageRecipes,
    |clients, request| clients
        .imagebuilder()
        .list_image_recipes()
        .owner(Ownership::SelfValue)
        .max_results(25)
        .set_next_token(request.next_token.clone()),
    |output| Ok(page(output.image_recipe_summary_list, output.next_token, |item| {
        of_image(item.arn, None, item.parent_image)
    }))
);
