"""Ask how many will still come, as known on a day, and how such answers turned out in the past."""
