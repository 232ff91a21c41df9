"""Why a score is what it is, and what the filters seek."""
