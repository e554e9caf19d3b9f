"""`make screenshots`: the pictures of the guides, taken of a Tessera that lives for as long as that takes."""
