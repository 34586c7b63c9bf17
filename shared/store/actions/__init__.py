"""What people have done to many uploads at once, what they put away, and which stages they paused."""
