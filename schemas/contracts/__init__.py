"""The contracts as texts, made from the declarations."""
