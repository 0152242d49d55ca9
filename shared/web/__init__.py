"""How HTTP comes in and goes out: who is calling, what they sent, replies and problems."""
