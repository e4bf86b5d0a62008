### Programs.
