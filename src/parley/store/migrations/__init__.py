"""Forward steps of the record's schema, run when a store is opened."""
