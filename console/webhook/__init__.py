"""`intake webhook`: the portal's side of the intake. `choice` says which is ours, `rotation` changes its secret."""
