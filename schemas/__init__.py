"""What a record is: the events, their vocabulary and their topics. One module per source. No I/O."""
