"""One module per migration, in order. A migration that has been released is never edited."""
