"""`intake webhook`: the portal's side of the intake.

`choice` says which webhook is ours, `making` makes and changes it and looks at what was `kept`, `rotation` says the
steps of a new secret, and `proof` waits until the portal's log shows it.
"""
