"""What the pages need of the server that runs them: its set-up, its sessions, and what lies behind Streamlit."""
