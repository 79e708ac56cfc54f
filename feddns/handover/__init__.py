"""Names that change hands: taken over from others, given up, or deleted, each shown and proved before it is done."""
