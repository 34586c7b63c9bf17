"""The mail server: a letter, how it is handed over, and what a refusal means. What is said in it is for others."""
