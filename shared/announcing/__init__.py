"""What people are told of an invoice, and the channels that carry it. Whom and when is others' business."""
