"""What stops a source until a person has looked, and how it goes on."""
