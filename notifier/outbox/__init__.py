"""What is told later: who joins a window, the thread that sends what is due, and the message of a window."""
