"""What people look at: pictures and a short table."""
