"""The loop that turns what is seen into what is written, and the one place where its parts are put together."""
