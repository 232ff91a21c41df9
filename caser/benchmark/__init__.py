"""How fast this machine trains, ranks and recommends."""
