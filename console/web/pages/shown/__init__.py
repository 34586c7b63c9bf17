"""What each page shows, as values. Pure: no database, no broker, no words of a language beyond the portal's own."""
