"""How models compare: standings, protocols, slices, lists and their costs."""
