"""What may happen to customers, services and their registrations: pure decisions from what is stored and an input."""
