"""Rules over what is stored, the life of an alert, and the channels that it is told on."""
