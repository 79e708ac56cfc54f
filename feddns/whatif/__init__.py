"""What would become of the answers if clusters failed or were drained, told before it happens."""
