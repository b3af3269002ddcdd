super::lists_launchers! {
    /// Image Builder `ListImageRecipes` with `owner` Self: recipes by their `parentImage`, an image id, an ARN or
    /// `ssm:…`.
    ListImageRecipes, ImageBuilder
}
