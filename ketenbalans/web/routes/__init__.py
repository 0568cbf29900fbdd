"""The pages by subject: a router each."""
