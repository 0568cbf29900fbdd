"""One module per source: its fields, words, keys and topic. The catalogue is what lies here."""
