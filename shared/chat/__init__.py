"""The services that take a text by way of Apprise. What they are told is others' business."""
