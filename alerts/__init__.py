"""Rules over what is stored, the alert's life and the channels. There is no rule yet, so nothing raises an alert."""
