"""What waits to be told later: windows for each channel, and the invoices that each message will name."""
