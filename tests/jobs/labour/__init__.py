"""An app whose work is done apart: it counts, dies, eats memory, or never ends."""
