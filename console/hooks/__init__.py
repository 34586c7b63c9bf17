"""`hooks`: the endpoints of the rules, what they answered, and what they missed."""
