"""What travels: messages, events, outcomes and the stages between which they go."""
