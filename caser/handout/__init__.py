"""A list to hand on, with the films read and the reason: as a drawing, or as a page that needs no network."""
