"""The DocSpace REST API, as far as this product needs it."""
