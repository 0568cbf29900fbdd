"""Rules over what is stored, the alert's life and the channels. Nothing raises an alert yet; see docs/adr for the plan."""
