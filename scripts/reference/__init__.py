"""The generated parts of docs/reference. `make docs` writes them; a unit test compares them with the pages."""
