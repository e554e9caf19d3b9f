"""Quality as the acting organization may see it: a vendor its own work alone, an owner all of it."""
