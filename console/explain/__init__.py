"""`intake explain`: why an event is an invoice, or not. `explanation` asks and decides, `view` shows it."""
