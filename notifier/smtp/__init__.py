"""How mail leaves: over connections that are kept, with what a refusal means and whether any mail leaves at all."""
