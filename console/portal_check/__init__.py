"""`intake portal check`: the whole way with a file of its own, each answer held to what was recorded."""
