"""A visitor's own history: brought, reviewed, and taken as the films watched; it stays in the session's memory."""
