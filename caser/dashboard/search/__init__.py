"""The search for a film: a box that suggests while somebody types, and the answers that its browser asks for."""
