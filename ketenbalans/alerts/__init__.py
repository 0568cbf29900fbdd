"""Rules over what is stored, the life of an alert, and the channels that it is sent on."""
