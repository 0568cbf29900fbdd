"""What may be published: counts rounded by keyed offsets, and the attack that they have to stand."""
