### One trade explained.
