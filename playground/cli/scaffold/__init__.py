"""What `playground new` makes its files of.  They are real and tested, so they can't grow stale."""
