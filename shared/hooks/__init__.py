"""Signed webhooks to endpoints of the rules, as Standard Webhooks has them: made, signed and sent."""
