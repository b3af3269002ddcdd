super::lists_launchers! {
    /// Image Builder `ListContainerRecipes` with `owner` Self: recipes by their `instanceImage`.
    ListContainerRecipes, ImageBuilder
}
