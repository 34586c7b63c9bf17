"""`rules`: checks a rules file, and tells what it would take."""
